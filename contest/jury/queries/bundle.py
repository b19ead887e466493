"""A closed round as a file that anybody can count again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.jury.models import Round, Standing
from contest.jury.queries.counting import lines_of
from contest.rulebook.bundles import FORMAT


def bundle_of(session: Session, round_: Round) -> dict[str, Any]:
    """The bundle of a closed round, as `rulebook.bundles` describes it."""
    method = dict(round_.method or {})
    standings = list(_standings(session, round_))
    counted = session.scalars(select(Standing.entry_id).where(Standing.round_id == round_.id)).all()
    return {
        "palmares": FORMAT,
        "edition": round_.edition.slug,
        "round": round_.key,
        "closed_at": round_.closed_at and round_.closed_at.isoformat(),
        "top": method.pop("top", None),
        "seed": method.pop("seed", None),
        "software": method.pop("software", None),
        "rules": method.pop("rules", None),
        "rule": method,
        "films": sorted(each["film"] for each in standings),
        "ballots": [list(line) for line in lines_of(session, round_, counted)],
        "ballots_digest": round_.ballots_digest,
        "standings": standings,
    }


def _standings(session: Session, round_: Round) -> Iterator[dict[str, Any]]:
    rows = session.execute(
        select(Entry.number, Standing.place, Standing.score, Standing.model)
        .join(Standing.entry)
        .where(Standing.round_id == round_.id)
        .order_by(Entry.number)
    )
    for film, place, score, model in rows:
        yield {"film": film, "place": place, "score": score, "model": model}
