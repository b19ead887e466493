"""The figures a palmarès publishes, each with its definition: funnel, jury, ballots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.awards.models import Conferral
from contest.entries.models import Entry
from contest.jury.models import Ballot, Candidacy, Round, Screening, Seat
from contest.people.models import Person
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage

SENT_IN = (EntryStage.SUBMITTED, EntryStage.ASKED, EntryStage.ACCEPTED, EntryStage.REFUSED)


def funnel(session: Session, edition_id: int, rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """From entries begun to films awarded: key, count, what is counted and its definition."""
    by_stage = _by_stage(session, edition_id)
    steps = [
        _step(
            "started",
            sum(by_stage.values()),
            Sentence("entries begun"),
            Sentence("Every entry an author opened, whether it was sent in or not."),
        ),
        _step(
            "submitted",
            sum(by_stage.get(stage, 0) for stage in SENT_IN),
            Sentence("films submitted"),
            Sentence("Entries sent in before the call closed and not withdrawn since."),
        ),
        _step(
            "met_the_rules",
            by_stage.get(EntryStage.ACCEPTED, 0),
            Sentence("met the rules"),
            Sentence("Submitted films that the organizers accepted after the check."),
        ),
    ]
    return [*steps, *_rounds(session, rounds), _awarded(session, edition_id)]


def jury(session: Session, edition_id: int) -> dict[str, Any]:
    """The jurors by name, in the order of the alphabet, and what they did together."""
    seats = select(Seat.id).join(Seat.round).where(Round.edition_id == edition_id)
    seated = select(Seat.person_id).where(Seat.id.in_(seats))
    names = session.scalars(
        select(Person.name).where(Person.id.in_(seated)).order_by(Person.name, Person.id)
    ).all()
    mine = Screening.seat_id.in_(seats)
    recusals = select(func.count()).where(mine, Screening.stage == ScreeningStage.RECUSED)
    ballots = select(func.count(Ballot.id)).join(Ballot.screening).where(mine, Ballot.counts)
    return {
        "names": list(names),
        "jurors": len(names),
        "ballots": session.scalar(ballots),
        "recusals": session.scalar(recusals),
    }


def _by_stage(session: Session, edition_id: int) -> dict[EntryStage, int]:
    counted = select(Entry.stage, func.count()).where(Entry.edition_id == edition_id)
    return dict(session.execute(counted.group_by(Entry.stage)).all())


def _rounds(session: Session, rounds: Sequence[Round]) -> Iterator[dict[str, Any]]:
    """What each closed round but the last sent on; what the last one sent on is awarded."""
    closed = [each for each in rounds if each.stage is RoundStage.CLOSED]
    went_on = dict(
        session.execute(
            select(Candidacy.round_id, func.count())
            .where(Candidacy.round_id.in_([each.id for each in closed]))
            .where(Candidacy.advanced.is_(True))
            .group_by(Candidacy.round_id)
        ).all()
    )
    for each in closed[:-1]:
        yield {
            **_step(
                f"round:{each.key}",
                went_on.get(each.id, 0),
                Sentence("went on"),
                Sentence("Films this round sent on to the next."),
            ),
            "round": dict(each.rules.title),
        }


def _awarded(session: Session, edition_id: int) -> dict[str, Any]:
    films = session.scalar(
        select(func.count(Conferral.entry_id.distinct())).where(Conferral.edition_id == edition_id)
    )
    return _step(
        "awarded",
        films or 0,
        Sentence("awarded"),
        Sentence("Films that hold at least one prize of this palmarès."),
    )


def _step(key: str, count: int, words: Sentence, meaning: Sentence) -> dict[str, Any]:
    return {"key": key, "count": count, "words": words.to_json(), "meaning": meaning.to_json()}
