"""Saying no: why, and where, in words the person can act on."""

from __future__ import annotations

from collections.abc import Iterable

from contest.rulebook.findings import Finding
from contest.rulebook.sentences import Sentence


class Refused(Exception):
    """An act the rules don't allow; nothing has changed.

    `sentence` says why; `findings` name each thing in the way, where there are several.
    """

    def __init__(self, sentence: Sentence, findings: Iterable[Finding] = ()) -> None:
        self.sentence = sentence
        self.findings = tuple(findings)
        super().__init__(str(sentence))
