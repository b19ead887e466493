"""Passwords: what their hashing costs the house."""

from __future__ import annotations

import subprocess
import sys

from contest.settings import HOME

MEMORY_KB = 19_456
"""What one hashing holds."""
AT_THE_DOOR = 16
TRY = f"""
import resource
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from contest.people.passwords import hashed, matches

kept = hashed("the harbour at night")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
opening = Barrier({AT_THE_DOOR})

def knock(word):
    opening.wait()
    return matches(kept, word)

words = ["the harbour at night", "another word"] * {AT_THE_DOOR // 2}
with ThreadPoolExecutor({AT_THE_DOOR}) as people:
    print(*people.map(knock, words))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_many_who_sign_in_at_once_hold_no_more_memory_than_a_few() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRY], cwd=HOME, capture_output=True, text=True, check=True
    )
    answers, grown = done.stdout.splitlines()
    assert answers.split() == ["True", "False"] * (AT_THE_DOOR // 2)
    grown_kb = int(grown) // (1024 if sys.platform == "darwin" else 1)  # bytes on a Mac
    assert grown_kb < 4 * MEMORY_KB
