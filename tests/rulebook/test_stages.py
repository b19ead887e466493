"""Life-cycles of entries, rounds and screenings: what follows what, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from contest.rulebook.stages import (
    ENTRY,
    NOT_NOW,
    ROUND,
    SCREENING,
    EntryEvent,
    EntryStage,
    NotNow,
    RoundEvent,
    RoundStage,
    ScreeningEvent,
    ScreeningStage,
    advance,
)

Table = Mapping[tuple[Any, Any], Any]
LIVES = [
    pytest.param(ENTRY, EntryStage, EntryEvent, id="entry"),
    pytest.param(ROUND, RoundStage, RoundEvent, id="round"),
    pytest.param(SCREENING, ScreeningStage, ScreeningEvent, id="screening"),
]


def reachable(table: Table, start: StrEnum) -> set[StrEnum]:
    seen, fresh = {start}, [start]
    while fresh:
        stage = fresh.pop()
        following = {after for (before, _), after in table.items() if before is stage} - seen
        seen |= following
        fresh += following
    return seen


@pytest.mark.parametrize(("table", "stages", "events"), LIVES)
def test_every_stage_can_be_reached_from_the_first(
    table: Table, stages: type[StrEnum], events: type[StrEnum]
) -> None:
    assert reachable(table, next(iter(stages))) == set(stages)


@pytest.mark.parametrize(("table", "stages", "events"), LIVES)
def test_every_event_happens_somewhere(
    table: Table, stages: type[StrEnum], events: type[StrEnum]
) -> None:
    assert {event for _, event in table} == set(events)


@pytest.mark.parametrize(("table", "stages", "events"), LIVES)
def test_what_the_table_does_not_name_is_refused_with_where_the_thing_stands(
    table: Table, stages: type[StrEnum], events: type[StrEnum]
) -> None:
    for stage, event in product(stages, events):
        if (stage, event) in table:
            assert advance(table, stage, event) is table[stage, event]
        else:
            with pytest.raises(NotNow) as refused:
                advance(table, stage, event)
            assert refused.value.sentence == NOT_NOW[stage]


def test_each_stage_has_a_sentence_of_its_own() -> None:
    stages = [*EntryStage, *RoundStage, *ScreeningStage]
    assert len(set(stages)) == len(stages)
    assert NOT_NOW.keys() == set(stages)
    assert len(set(NOT_NOW.values())) == len(stages)


@pytest.mark.parametrize(
    ("stage", "events"),
    [
        (EntryStage.DRAFT, {"submit", "withdraw"}),
        (EntryStage.SUBMITTED, {"return_to_draft", "withdraw", "ask", "accept", "refuse"}),
        (EntryStage.ASKED, {"answer", "accept", "refuse", "withdraw"}),
        (EntryStage.ACCEPTED, {"refuse", "withdraw"}),
        (EntryStage.REFUSED, {"accept"}),
        (EntryStage.WITHDRAWN, {"reopen"}),
    ],
)
def test_what_can_happen_to_an_entry(stage: EntryStage, events: set[str]) -> None:
    assert {event.value for before, event in ENTRY if before is stage} == events


def test_a_closed_round_stays_closed() -> None:
    assert reachable(ROUND, RoundStage.CLOSED) == {RoundStage.CLOSED}


def test_who_recused_never_judges_the_film_again() -> None:
    assert reachable(SCREENING, ScreeningStage.RECUSED) == {ScreeningStage.RECUSED}
    for stage in set(ScreeningStage) - {ScreeningStage.RECUSED}:
        assert advance(SCREENING, stage, ScreeningEvent.RECUSE) is ScreeningStage.RECUSED


def test_a_signed_ballot_can_be_signed_again() -> None:
    after = advance(SCREENING, ScreeningStage.SCORED, ScreeningEvent.SIGN)
    assert after is ScreeningStage.SCORED
