"""What the public may see now: snapshots whose instant has come, and the assets they show.

Whether an instant has come is asked of `rulebook.embargo.may_show` and of nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from contest.programme.models import Asset, Snapshot
from contest.rulebook.embargo import may_show

ASSETS_AT = "/programme/assets/"
"""Where assets are served; documents keep whole addresses, so that they can be read alone."""


def asset_address(token: str) -> str:
    """The public address of an asset."""
    return ASSETS_AT + token


def latest(session: Session, edition_id: int) -> Snapshot | None:
    """The snapshot published last, which may still be under embargo. Not for the public."""
    return session.scalar(
        select(Snapshot)
        .where(Snapshot.edition_id == edition_id)
        .order_by(Snapshot.sequence.desc())
        .limit(1)
    )


def on_show(session: Session, edition_id: int, now: datetime) -> Snapshot | None:
    """The palmarès everybody may read at this instant, or None; its document loads when read."""
    current = _current(session, edition_id, now)
    return session.get(Snapshot, current, options=[defer(Snapshot.document)]) if current else None


def _current(session: Session, edition_id: int, now: datetime) -> int | None:
    """The id of the newest snapshot whose instant has come; its document stays unread."""
    instants = session.execute(
        select(Snapshot.id, Snapshot.visible_from)
        .where(Snapshot.edition_id == edition_id)
        .order_by(Snapshot.sequence.desc())
    )
    return next((row.id for row in instants if may_show(row.visible_from, now)), None)


def all_on_show(session: Session, now: datetime, limit: int = 24) -> Sequence[Snapshot]:
    """The palmarès of every edition that shows one at this instant, the newest editions first."""
    instants = session.execute(
        select(Snapshot.id, Snapshot.edition_id, Snapshot.visible_from).order_by(Snapshot.sequence)
    )
    current = {row.edition_id: row.id for row in instants if may_show(row.visible_from, now)}
    chosen = sorted(current.values(), reverse=True)[:limit]
    return session.scalars(
        select(Snapshot).where(Snapshot.id.in_(chosen)).order_by(Snapshot.id.desc())
    ).all()


def asset_on_show(session: Session, token: str, now: datetime) -> Asset | None:
    """The asset of that name, if the palmarès on show still shows what it stands for.

    A correction that drops a film takes it from the public under its older names too.
    """
    asset = session.scalar(
        select(Asset)
        .where(Asset.token == token)
        .options(joinedload(Asset.snapshot).defer(Snapshot.document))
    )
    if asset is None or not may_show(asset.snapshot.visible_from, now):
        return None
    current = _current(session, asset.snapshot.edition_id, now)
    still_shown = select(Asset.id).where(
        Asset.snapshot_id == current, Asset.storage_key == asset.storage_key
    )
    return asset if session.scalar(still_shown.limit(1)) is not None else None
