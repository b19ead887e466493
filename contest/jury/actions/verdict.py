"""Closing a round for good, and sending films on to the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.jury.actions.seating import candidates
from contest.jury.models import Candidacy, Round, Standing
from contest.jury.queries.counting import Cut, Placed, circumstances_of, cut_of, lines_of, places_of
from contest.logbook import log
from contest.rulebook.bundle_parts import Line
from contest.rulebook.bundles import ballot_of, digest, key_of, rule_to_json
from contest.rulebook.jury_told import FilmTold
from contest.rulebook.refusal import Refused
from contest.rulebook.scoring import shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import NOT_NOW, ROUND, NotNow, RoundEvent, RoundStage, advance
from contest.rulebook.verdict import Placing, Verdict, VerdictRule, reach


@dataclass(frozen=True)
class Counted:
    """The verdict on the ballots of a moment, and these ballots."""

    lines: Sequence[Line]
    verdict: Verdict


def count_round(session: Session, round_: Round) -> Counted:
    """Count the ballots as they stand, which for thousands of films takes seconds; keeps nothing.

    Films that left the competition are not ranked.
    """
    films = _films(session, round_)
    lines = lines_of(session, round_, films.values())
    verdict = reach(
        [ballot_of(line) for line in lines],
        VerdictRule.of(round_.rules),
        films=films,
        top=round_.rules.advances,
        seed=round_.seed,
        met=circumstances_of(session, round_),
    )
    return Counted(lines, verdict)


def close_round(
    session: Session,
    round_: Round,
    *,
    by_id: int,
    now: datetime,
    counted: Counted | None = None,
) -> None:
    """Count the ballots and freeze the standings, films without enough scores included.

    What was counted before, so that nobody had to wait for it, holds if nothing has changed since.
    Raises `NotNow` unless the round is open.
    """
    stage = advance(ROUND, round_.stage, RoundEvent.CLOSE)
    films = _films(session, round_)
    if counted is None or _has_changed(counted, lines_of(session, round_, films.values()), films):
        counted = count_round(session, round_)
    verdict, rule = counted.verdict, VerdictRule.of(round_.rules)
    for placing in verdict.placings:
        film = verdict.films.get(placing.entry)
        session.add(_frozen(round_, films[placing.entry], placing, film, rule.decimals))
    round_.jury = verdict.jury.to_json() if verdict.jury else None
    round_.method = {**rule_to_json(rule), "top": round_.rules.advances, **_made_with(round_)}
    round_.ballots_digest = digest(counted.lines)
    round_.stage, round_.closed_at = stage, now
    session.flush()
    ranked = sum(each.place is not None for each in verdict.placings)
    log(
        session,
        "round.closed",
        round_.about,
        now=now,
        person_id=by_id,
        edition_id=round_.edition_id,
        ranked=ranked,
        unranked=len(verdict.placings) - ranked,
        ballots=round_.ballots_digest,
    )


def _films(session: Session, round_: Round) -> dict[str, int]:
    """The films in the round, by the keys they are counted under."""
    return {key_of(each.number or 0): each.id for each in candidates(session, round_)}


def _has_changed(counted: Counted, lines: Sequence[Line], films: Collection[str]) -> bool:
    placed = {each.entry for each in counted.verdict.placings}
    return list(counted.lines) != list(lines) or placed != set(films)


def advance_films(
    session: Session,
    round_: Round,
    entry_ids: Collection[int] | None,
    *,
    by_id: int,
    now: datetime,
) -> list[int]:
    """Say which films go on to the next round; the others stay behind. Returns their ids.

    None takes what the places alone decide, and is refused where a tie runs across the cut. Films
    go on from the top: one that is left behind can't be better placed than one that goes on. May
    be said again until the next round opens.
    """
    if round_.stage is not RoundStage.CLOSED:
        raise NotNow(NOT_NOW[round_.stage])
    _check_next_waits(session, round_)
    ranked = places_of(session, round_)
    cut = cut_of(ranked, round_.rules.advances)
    chosen = set(_decided(cut) if entry_ids is None else entry_ids)
    _check_from_the_top(ranked, chosen)
    films = session.scalars(select(Candidacy).where(Candidacy.round_id == round_.id)).all()
    if all(each.advanced is (each.entry_id in chosen) for each in films):
        return sorted(chosen)
    for each in films:
        each.advanced = each.entry_id in chosen
    log(
        session,
        "round.films_advanced",
        round_.about,
        now=now,
        person_id=by_id,
        edition_id=round_.edition_id,
        films=len(chosen),
        entries=sorted(chosen),
    )
    return sorted(chosen)


def _frozen(
    round_: Round, entry_id: int, placing: Placing, film: FilmTold | None, decimals: int
) -> Standing:
    return Standing(
        round_id=round_.id,
        entry_id=entry_id,
        place=placing.place,
        shared=placing.shared > 1,
        score=placing.shown,
        ballots=placing.jurors,
        criteria={key: shown(mean, decimals) for key, mean in placing.means.items()},
        why=[each.to_json() for each in placing.why],
        model=film.to_json() if film else None,
    )


def _made_with(round_: Round) -> dict[str, Any]:
    return {
        "seed": round_.seed,
        "software": f"palmares {version('palmares')}",
        "rules": round_.rules_version.hash,
    }


def _check_next_waits(session: Session, round_: Round) -> None:
    following = session.scalar(
        select(Round.id).where(
            Round.edition_id == round_.edition_id,
            Round.position > round_.position,
            Round.stage != RoundStage.PLANNED,
        )
    )
    if following is not None:
        raise Refused(Sentence("The next round is open; its films are settled."))


def _decided(cut: Cut) -> Collection[int]:
    if cut.contested:
        raise Refused(
            Sentence(
                "%(films)s films share place %(place)s across the cut. Choose which go on.",
                films=len(cut.contested),
                place=cut.contested[0].place,
            )
        )
    return [each.entry_id for each in cut.through]


def _check_from_the_top(ranked: Sequence[Placed], chosen: set[int]) -> None:
    places = {each.entry_id: each.place for each in ranked}
    if not chosen or not chosen <= places.keys():
        raise Refused(Sentence("Choose which ranked films go on; at least one."))
    lowest = max(places[each] for each in chosen)
    if any(place < lowest for entry, place in places.items() if entry not in chosen):
        raise Refused(
            Sentence(
                "A film on a better place than place %(place)s would stay behind."
                " Films go on from the top.",
                place=lowest,
            )
        )
