"""Which flags a juror is given, each with its words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.audit import noise, words
from contest.rulebook.statistics.audit.inquiry import QUESTIONS, Answers, Evidence, excused
from contest.rulebook.statistics.audit.results import Alike, Flag

Say = Callable[[int, float], Sentence]
"""The words for a juror (index) and how often chance stands out as far."""


def of_judges(evidence: Evidence, answers: Answers) -> list[list[Flag]]:
    """For each juror (indices), in the order of the questions."""
    flags: list[list[Flag]] = [[] for _ in evidence.lines]
    flat = excused(answers)
    saying = _saying(evidence)
    for question in QUESTIONS:
        if (found := answers.found.get(question)) is None:
            continue
        say = saying[question]
        for judge in np.flatnonzero(found.flagged).tolist():
            if question in ("flat", "own", "severity") or judge not in flat:
                p = float(found.p[judge])
                flags[judge].append(Flag(question, p, say(judge, p)))
    for pair in answers.copies.pairs:
        if not {pair.one, pair.other} & flat:
            says = words.copies(pair.films, pair.equal, pair.marks, pair.usual, pair.p)
            for judge in (pair.one, pair.other):
                flags[judge].append(Flag("copies", pair.p, says))
    return flags


def of_pairs(evidence: Evidence, answers: Answers) -> list[Alike]:
    """In the order of names."""
    names, flat = evidence.sheets.scores.judges, excused(answers)
    found = []
    for pair in answers.copies.pairs:
        if {pair.one, pair.other} & flat:
            continue
        first, second = sorted((names[pair.one], names[pair.other]))
        found.append(
            Alike(
                judges=(first, second),
                films=pair.films,
                marks=pair.marks,
                equal=pair.equal,
                usual=pair.usual,
                p=pair.p,
                says=words.copies(pair.films, pair.equal, pair.marks, pair.usual, pair.p),
            )
        )
    return sorted(found, key=lambda pair: pair.judges)


def _saying(evidence: Evidence) -> dict[str, Say]:
    """The words of each question that was asked."""
    sheets, films = evidence.sheets, evidence.sheets.scores.per_judge.tolist()
    ways: dict[str, Say] = {
        "flat": partial(_flat, evidence),
        "repeats": partial(_repeats, evidence),
    }
    if model := evidence.model:
        times = noise.against_others(sheets, model)
        ways["noise"] = lambda judge, p: words.noise(films[judge], float(times[judge]), p)
    if alike := evidence.likeness:
        ways["halo"] = lambda judge, p: words.halo(
            films[judge], float(alike.own[judge]), float(alike.others[judge]), p
        )
    if drifted := evidence.drift:
        ways["drift"] = lambda judge, p: words.drift(
            int(drifted.number[judge]), float(drifted.rise[judge]), p
        )
    if bonus := evidence.bonus:
        ways["own"] = lambda judge, p: words.own(
            int(bonus.number[judge]), float(bonus.estimate[judge]), p
        )
    if distance := evidence.distance:
        ways["severity"] = lambda judge, p: words.severity(
            films[judge], float(distance.off[judge]), p
        )
    return ways


def _flat(evidence: Evidence, judge: int, p: float) -> Sentence:
    line = evidence.lines[judge]
    mark = -line.usual if evidence.sheets.lower_wins else line.usual
    return words.flat(int(evidence.sheets.scores.per_judge[judge]), mark, line.times, p)


def _repeats(evidence: Evidence, judge: int, p: float) -> Sentence:
    found = evidence.repeated[judge]
    if found is None:
        raise LookupError("a juror without a string was not asked")
    return words.repeats(len(found.ballots), found.length, found.share, p)
