"""Editions: made from documents, reworded in versions that never change."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.actions import create_edition, list_call, save_rules
from contest.editions.models import RulesVersion
from contest.editions.queries import edition_by_slug, listed_editions, preset
from contest.logbook import LogLine
from contest.rulebook.refusal import Refused
from contest.rulebook.rules import canonical, rules_hash
from contest.rulebook.rules_reading import RulesRefused
from tests.factories import NOON, document, make_edition, make_entry, make_person


def test_an_edition_made_from_the_preset_is_seen_by_nobody_until_its_call_is_listed(
    session: Session,
) -> None:
    person, found = make_person(session), preset("ai-short-film")
    assert found is not None
    edition = create_edition(session, "first", found.document, by_id=person.id, now=NOON)
    assert edition.rules.awarded_films == 11
    assert listed_editions(session) == []
    list_call(session, edition, by_id=person.id, now=NOON)
    list_call(session, edition, by_id=person.id, now=NOON)
    assert listed_editions(session) == [edition]
    acts = session.scalars(select(LogLine.act).where(LogLine.edition_id == edition.id)).all()
    assert acts == ["edition.created", "edition.listed"]


@pytest.mark.parametrize("slug", ["", "Big", "a--b", "-a", "a b", "../x", "x" * 61])
def test_an_odd_address_is_refused(session: Session, slug: str) -> None:
    with pytest.raises(Refused, match="lower-case"):
        create_edition(session, slug, document(), by_id=None, now=NOON)


def test_two_editions_cannot_have_one_address(session: Session) -> None:
    make_edition(session, "first")
    for taken in ("first", "new", "people"):
        with pytest.raises(Refused, match="taken already"):
            create_edition(session, taken, document(), by_id=None, now=NOON)


def test_saving_other_rules_makes_a_version_and_saving_the_same_makes_none(
    session: Session,
) -> None:
    edition, changed = make_edition(session), document()
    changed["film"]["duration_max_s"] = 240
    second = save_rules(session, edition, changed, by_id=None, now=NOON)
    assert (second.number, float(edition.rules.film.duration_max_s)) == (2, 240.0)
    assert second.hash == rules_hash(canonical(changed))
    assert save_rules(session, edition, changed, by_id=None, now=NOON) is second
    assert [each.number for each in edition.versions] == [1, 2]


def test_an_entry_keeps_the_version_it_refers_to(session: Session) -> None:
    edition = make_edition(session)
    entry, changed = make_entry(session, edition), document()
    changed["film"]["duration_max_s"] = 240
    save_rules(session, edition, changed, by_id=None, now=NOON)
    session.refresh(entry)
    assert entry.rules_version.number == 1
    assert entry.rules_version.rules.film.duration_max_s == 300


def test_senseless_rules_change_nothing(session: Session) -> None:
    edition, nonsense = make_edition(session), document(closes_at="2026-09-01T00:00:00")
    with pytest.raises(RulesRefused, match="closing must come after"):
        save_rules(session, edition, nonsense, by_id=None, now=NOON)
    versions = session.scalars(select(RulesVersion.number)).all()
    assert versions == [1]
    assert edition_by_slug(session, edition.slug) is edition
