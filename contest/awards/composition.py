"""A palmarès as one document: everything the public may read, and nothing else."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sqlalchemy.orm import Session

from contest.awards.cards import assets_of, film_card
from contest.awards.counts import funnel, jury
from contest.awards.models import Conferral
from contest.awards.queries import Bench
from contest.entries.models import Entry
from contest.jury.models import Round
from contest.programme.actions import Palmares
from contest.rulebook.method_words import METHOD_WORDS
from contest.rulebook.refusal import Refused
from contest.rulebook.rules import AwardRules
from contest.rulebook.sentences import Sentence

FORMAT = "palmares/1"
"""Names the shape of the document for programs that read the feed."""


def compose(session: Session, seen: Bench) -> Palmares:
    """The palmarès as it stands on the bench. Raises `Refused` before a round is closed."""
    if seen.round is None:
        raise Refused(Sentence("No round is closed yet, so there is no palmarès to show."))
    films = _films(seen)
    ranked = [each for each in seen.standings if each.place is not None]
    content = {
        "format": FORMAT,
        "edition": _edition(seen),
        "awards": [_award(seen, award) for award in seen.slate.awards],
        "films": [film_card(each, seen.edition.rules) for each in films],
        "funnel": funnel(session, seen.edition.id, seen.rounds),
        "jury": jury(session, seen.edition.id),
        "method": _method(seen.round, min((each.ballots for each in ranked), default=0)),
    }
    assets = {name: each for film in films for name, each in assets_of(film).items()}
    return Palmares(content, assets)


def _edition(seen: Bench) -> dict[str, Any]:
    rules = seen.edition.rules
    return {
        "slug": seen.edition.slug,
        "title": dict(rules.title),
        "tagline": dict(rules.tagline),
        "about": dict(rules.about),
        "languages": list(rules.languages),
        "accent": rules.accent,
        "announces_at": rules.calendar.announces_at.astimezone(UTC).isoformat(timespec="seconds"),
        "time_zone": rules.calendar.time_zone,
    }


def _award(seen: Bench, award: AwardRules) -> dict[str, Any]:
    held = seen.of_award(award.key)
    return {
        "key": award.key,
        "title": dict(award.title),
        "basis": award.basis,
        "shared": len(held) > 1,
        "films": [_honour(each) for each in held],
    }


def _honour(conferral: Conferral) -> dict[str, Any]:
    return {"number": conferral.entry.number, "citation": conferral.citation}


def _films(seen: Bench) -> list[Entry]:
    """Each awarded film once, in the order of its first prize."""
    by_id = {
        each.entry_id: each.entry
        for award in seen.slate.awards
        for each in seen.of_award(award.key)
    }
    return list(by_id.values())


def _method(judged: Round, jurors: int) -> dict[str, Any]:
    """How the deciding round was judged, in data and in sentences.

    `jurors` is how many marked the film that fewest jurors marked, of those ranked.
    """
    rules = judged.rules
    sentences = (
        Sentence(
            "Each ranked film of the last round was marked by %(jurors)s jurors or more, each of"
            " whom watched in an order of their own.",
            jurors=jurors,
        ),
        METHOD_WORDS[rules.method],
        Sentence(
            "A film with fewer than %(quorum)s signed ballots is not ranked.", quorum=rules.quorum
        ),
        Sentence(
            "Equal scores were separated by rules published before the first ballot, and films"
            " that stayed equal share a place."
        ),
    )
    return {
        "sentences": [each.to_json() for each in sentences],
        "round": dict(rules.title),
        "blind": rules.blind,
        "criteria": [
            {"key": each.key, "label": dict(each.label), "weight": each.weight}
            for each in rules.criteria
        ],
        "tie_chain": list(rules.tie_chain),
        "rules_version": judged.rules_version.number,
        "rules_hash": judged.rules_version.hash,
        "ballots_digest": judged.ballots_digest,
    }
