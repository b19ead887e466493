"""The rules of the demonstration's three editions: the preset, with other dates and numbers."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from contest.editions.queries import preset

DAY = timedelta(days=1)
CITATIONS = (
    "It remembers a house nobody can return to, and makes the machine’s hesitations its weather.",
    "A film that knows when to stop looking, and trusts us to go on.",
    "Nothing in it is loud, and none of it could have been made otherwise.",
    "The voice arrives a breath late, and in that breath the whole story fits.",
    "It folds a landscape the way one folds a letter that will not be sent.",
    "Made with five tools and one idea; we remember the idea.",
)


def published_rules(today: datetime) -> dict[str, Any]:
    """Last year's edition: one round judged by everybody, five prizes."""
    rules = _rules(today, opens=-300, closes=-210, announces=-150)
    _called(rules, "AI Shorts 2025", "Courts IA 2025", "AI 短片 2025")
    final = rules["rounds"][1] | {"advances": 6, "jurors_per_film": 5, "quorum": 3}
    rules["rounds"] = [final]
    places = {"first": 1, "second": 2, "creativity": 1, "narration": 1}
    rules["awards"] = [
        award | {"places": places[award["key"]]}
        for award in rules["awards"]
        if award["key"] in places
    ]
    return rules


def judging_rules(today: datetime) -> dict[str, Any]:
    """This spring's edition: closed, and before its jury."""
    rules = _rules(today, opens=-80, closes=-14, announces=40)
    _called(rules, "AI Shorts, spring", "Courts IA, printemps", "AI 短片 春季")
    rules["accent"] = "petrol"
    return rules


def open_rules(today: datetime) -> dict[str, Any]:
    """This winter's edition: its call is open."""
    rules = _rules(today, opens=-20, closes=25, announces=90)
    _called(rules, "AI Shorts, winter", "Courts IA, hiver", "AI 短片 冬季")
    return rules


def _rules(today: datetime, *, opens: int, closes: int, announces: int) -> dict[str, Any]:
    found = preset("ai-short-film")
    if found is None:
        raise RuntimeError("The preset config/editions/ai-short-film.toml is gone.")
    rules: dict[str, Any] = copy.deepcopy(found.document)
    days = {"opens_at": opens, "closes_at": closes, "announces_at": announces}
    for key, after in days.items():
        rules["calendar"][key] = f"{today + after * DAY:%Y-%m-%d}T20:00:00"
    return rules


def _called(rules: dict[str, Any], en: str, fr: str, zh: str) -> None:
    rules["texts"]["title"] = {"en": en, "fr": fr, "zh": zh}
