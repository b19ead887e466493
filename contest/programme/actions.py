"""Publishing: a document and what it shows become one snapshot that never changes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from contest.logbook import log
from contest.programme.models import Asset, Snapshot
from contest.programme.queries import asset_address, latest
from contest.rulebook.rules import canonical


@dataclass(frozen=True)
class Shown:
    """Bytes in storage that a document shows. Documents name them by keys that tell nothing."""

    storage_key: str
    media_type: str


@dataclass(frozen=True)
class Palmares:
    """A palmarès that is not published yet.

    `content` is the document without its publication; wherever it holds `{"asset": name}` it
    means the bytes that `assets` has under that name.
    """

    content: dict[str, Any]
    assets: Mapping[str, Shown]

    def addressed(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """The content with every asset at its address."""
        placed: dict[str, Any] = _placed(self.content, self.assets, addresses)
        return placed


def publish(
    session: Session,
    palmares: Palmares,
    *,
    edition_id: int,
    visible_from: datetime,
    now: datetime,
    person_id: int,
    correction: str = "",
) -> Snapshot:
    """Make the palmarès public from `visible_from` on, as the edition's next snapshot.

    What is published already is not published again: the same content gives the same snapshot.
    """
    before = latest(session, edition_id)
    if before is not None and _says_the_same(before, palmares):
        return before
    tokens = {name: secrets.token_urlsafe(24) for name in palmares.assets}
    document = palmares.addressed({name: asset_address(each) for name, each in tokens.items()})
    document["publication"] = _publication(before, correction, visible_from, now)
    snapshot = Snapshot(
        edition_id=edition_id,
        sequence=document["publication"]["sequence"],
        document=document,
        sha256=hashlib.sha256(canonical(document).encode()).hexdigest(),
        visible_from=visible_from,
        published_at=now,
        published_by_id=person_id,
        assets=[
            Asset(token=tokens[name], storage_key=each.storage_key, media_type=each.media_type)
            for name, each in palmares.assets.items()
        ],
    )
    session.add(snapshot)
    session.flush()
    _record(session, snapshot, correction)
    return snapshot


def unchanged(snapshot: Snapshot | None, palmares: Palmares) -> bool:
    """Whether the snapshot says what the palmarès would say."""
    return snapshot is not None and _says_the_same(snapshot, palmares)


def _publication(
    before: Snapshot | None, correction: str, visible_from: datetime, now: datetime
) -> dict[str, Any]:
    """Which publication this is, what it corrects, and every correction before it."""
    if before is None:
        return {"sequence": 1, "visible_from": _text(visible_from), "corrections": []}
    told = before.document["publication"]["corrections"]
    corrected = {"at": _text(now), "what": correction, "corrects": before.sha256}
    return {
        "sequence": before.sequence + 1,
        "visible_from": _text(visible_from),
        "corrections": [*told, corrected],
    }


def _record(session: Session, snapshot: Snapshot, correction: str) -> None:
    log(
        session,
        "palmares.corrected" if snapshot.sequence > 1 else "palmares.published",
        f"edition:{snapshot.edition_id}",
        now=snapshot.published_at,
        person_id=snapshot.published_by_id,
        edition_id=snapshot.edition_id,
        sequence=snapshot.sequence,
        sha256=snapshot.sha256,
        visible_from=_text(snapshot.visible_from),
        correction=correction,
    )


def _says_the_same(snapshot: Snapshot, palmares: Palmares) -> bool:
    """Compare by the bytes shown, since each snapshot gives them names of its own."""
    stored = {asset_address(each.token): each.storage_key for each in snapshot.assets}
    said = {key: each for key, each in snapshot.document.items() if key != "publication"}
    keys = {name: each.storage_key for name, each in palmares.assets.items()}
    return bool(_renamed(said, stored) == palmares.addressed(keys))


def _placed(part: Any, assets: Mapping[str, Shown], addresses: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        if (name := part.get("asset")) is not None:
            return {"address": addresses[name], "media_type": assets[name].media_type}
        return {key: _placed(each, assets, addresses) for key, each in part.items()}
    if isinstance(part, list):
        return [_placed(each, assets, addresses) for each in part]
    return part


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        renamed = {key: _renamed(each, names) for key, each in part.items()}
        if "address" in renamed:
            renamed["address"] = names.get(renamed["address"], renamed["address"])
        return renamed
    if isinstance(part, list):
        return [_renamed(each, names) for each in part]
    return part


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
