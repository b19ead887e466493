"""A published document laid out as a page: the hero, shared prizes, special prizes, the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup

from contest.web.drawings import award_funnel
from contest.web.drawings.credit_strip import credit_strip
from contest.web.parts import texts

SPECIAL = "criterion:"

FilmAddress = Callable[[int], str]
"""Where the page of the film with that entry number is."""


@dataclass(frozen=True)
class Honoured:
    """A film under a prize, with the jury's words."""

    award: Mapping[str, Any]
    film: Mapping[str, Any]
    citation: str


@dataclass(frozen=True)
class Group:
    """A prize that several films may share, in equal size side by side."""

    award: Mapping[str, Any]
    films: tuple[Honoured, ...]


@dataclass(frozen=True)
class PalmaresPage:
    """What the template needs, in the order a reader meets it."""

    document: Mapping[str, Any]
    hero: Honoured | None
    groups: tuple[Group, ...]
    specials: tuple[Honoured, ...]
    everything: tuple[Honoured, ...]

    @property
    def edition(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["edition"]
        return found

    @property
    def announced_at(self) -> datetime:
        return datetime.fromisoformat(self.edition["announces_at"])

    @property
    def corrections(self) -> list[tuple[datetime, str, str]]:
        """When, what, and the SHA-256 of the snapshot it replaced; none in a preview."""
        told = self.document.get("publication", {}).get("corrections", [])
        return [
            (datetime.fromisoformat(each["at"]), each["what"], each["corrects"]) for each in told
        ]

    def honours_of(self, number: int) -> tuple[Honoured, ...]:
        """Every prize of the film with that entry number; none for a film the palmarès lacks."""
        return tuple(each for each in self.everything if each.film["number"] == number)


@dataclass(frozen=True)
class Sheet:
    """A page's part between head and foot, with what the head says of it.

    Nothing in it is about the reader but their language and time zone. `film` is the title of the
    film it is about, if it is about one.
    """

    edition: str
    tagline: str
    accent: str
    slug: str
    film: str
    main: Markup


def make_sheet(
    template: str,
    page: PalmaresPage,
    film_address: FilmAddress,
    honours: tuple[Honoured, ...] = (),
    sha256: str | None = None,
) -> Sheet:
    """Render the sheet; the public and its organizers' preview get the very same template.

    `honours` are the prizes of the one film it is about; `sha256` is the snapshot's, if it is one.
    """
    main = render_template(
        template,
        page=page,
        edition=page.edition,
        film_address=film_address,
        funnel_standing=award_funnel.standing(page.document["funnel"]),
        funnel_lying=award_funnel.lying(page.document["funnel"]),
        credit_strip=credit_strip,
        honours=honours,
        sha256=sha256,
    )
    film = honours[0].film if honours else {}
    return Sheet(
        edition=texts(page.edition["title"]),
        tagline=texts(page.edition["tagline"]),
        accent=page.edition["accent"],
        slug=page.edition["slug"],
        film=film.get("original_title") or film.get("english_title") or "",
        main=Markup(main),  # noqa: S704  # our own template, which escaped it
    )


def lay_out(document: Mapping[str, Any]) -> PalmaresPage:
    """Lay a snapshot's document out. An unshared highest prize becomes the hero."""
    films = {each["number"]: each for each in document["films"]}
    groups = [
        Group(
            award,
            tuple(
                Honoured(award, films[each["number"]], each["citation"]) for each in award["films"]
            ),
        )
        for award in document["awards"]
        if award["films"]
    ]
    leads = bool(groups) and len(groups[0].films) == 1 and not _is_special(groups[0])
    below = groups[1:] if leads else groups
    return PalmaresPage(
        document=document,
        hero=groups[0].films[0] if leads else None,
        groups=tuple(each for each in below if not _is_special(each)),
        specials=tuple(film for each in below if _is_special(each) for film in each.films),
        everything=tuple(film for each in groups for film in each.films),
    )


def _is_special(group: Group) -> bool:
    return bool(group.award["basis"].startswith(SPECIAL))
