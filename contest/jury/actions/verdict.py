"""Closing a round for good, and sending films on to the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.jury.actions.seating import candidates
from contest.jury.models import Candidacy, Round, Standing
from contest.jury.queries.counting import Cut, Placed, ballots_of, cut_of, places_of
from contest.logbook import log
from contest.rulebook import ranking
from contest.rulebook.ranking import RankingRule, rank
from contest.rulebook.refusal import Refused
from contest.rulebook.scoring import shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import NOT_NOW, ROUND, NotNow, RoundEvent, RoundStage, advance
from contest.rulebook.tallies import Ballot


def close_round(session: Session, round_: Round, *, by_id: int, now: datetime) -> None:
    """Count the ballots and freeze the standings, films without enough scores included.

    Films that left the competition meanwhile are not ranked. Raises `NotNow` unless it is open.
    """
    stage = advance(ROUND, round_.stage, RoundEvent.CLOSE)
    films = {str(each.id): each for each in candidates(session, round_)}
    ballots = [each for each in ballots_of(session, round_) if each.entry in films]
    rule = RankingRule.of(round_.rules)
    names = {key: _called(entry) for key, entry in films.items()}
    found = rank(ballots, rule, films, names)
    for each in (*found.standings, *found.unranked):
        session.add(_frozen(round_, each, rule))
    round_.method = _method(round_, rule)
    round_.ballots_digest = ballots_digest(ballots, films)
    round_.stage, round_.closed_at = stage, now
    session.flush()
    log(
        session,
        "round.closed",
        round_.about,
        now=now,
        person_id=by_id,
        edition_id=round_.edition_id,
        ranked=len(found.standings),
        unranked=len(found.unranked),
        ballots=round_.ballots_digest,
    )


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


def ballots_digest(ballots: Sequence[Ballot], films: dict[str, Entry]) -> str:
    """SHA-256 of the ballots as JSON: seat, entry number, state and marks, in that order.

    The same ballots give the same digest in whatever order they come.
    """
    lines = sorted(
        [int(each.juror), films[each.entry].number, each.state.value, dict(each.marks)]
        for each in ballots
    )
    text = json.dumps(lines, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _called(entry: Entry) -> str:
    """Explanations may be published, so they call a film by its number and not by its title."""
    return f"#{entry.number}"


def _frozen(round_: Round, standing: ranking.Standing, rule: RankingRule) -> Standing:
    return Standing(
        round_id=round_.id,
        entry_id=int(standing.entry),
        place=standing.place,
        shared=standing.shared > 1,
        score=standing.shown or None,
        ballots=standing.jurors,
        criteria={key: shown(mean, rule.decimals) for key, mean in standing.means.items()},
        why=[each.to_json() for each in standing.why],
    )


def _method(round_: Round, rule: RankingRule) -> dict[str, Any]:
    return {
        "method": rule.method.value,
        "weights": {key: str(weight) for key, weight in rule.weights.items()},
        "precision": rule.decimals,
        "tie_chain": list(rule.tie_chain),
        "quorum": rule.quorum,
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
