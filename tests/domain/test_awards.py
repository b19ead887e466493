"""Prizes on frozen standings, and the one act that publishes them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.awards.actions import cite, confer, confer_proposed, publish, take_back
from contest.awards.cards import ai_label
from contest.awards.models import Conferral
from contest.awards.queries import bench, prizes, shortcomings
from contest.db import Database
from contest.entries.models import Subtitles
from contest.logbook import lines_of
from contest.media.models import RenditionKind
from contest.programme.models import Snapshot
from contest.programme.queries import all_on_show, asset_address, asset_on_show, on_show
from contest.rulebook.findings import Severity
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage, RoundStage
from tests.counting import statements
from tests.factories import NOON, make_edition
from tests.judged import Judged, crown, make_judged_edition, standing_of

ANNOUNCED = datetime.fromisoformat("2027-01-15T20:00:00+08:00")


@pytest.fixture
def judged(session: Session) -> Judged:
    return make_judged_edition(session)


def give(session: Session, judged: Judged, award: str, at: int, reason: str = "") -> Conferral:
    return confer(
        session,
        judged.edition,
        award,
        judged.entries[at],
        citation="Because.",
        reason=reason,
        person_id=judged.organizer.id,
        now=NOON,
    )


def published(
    session: Session, judged: Judged, now: datetime = NOON, correction: str = ""
) -> Snapshot:
    return publish(
        session, judged.edition, correction=correction, person_id=judged.organizer.id, now=now
    )


def held(session: Session, judged: Judged) -> dict[str, list[int]]:
    """Film positions by prize."""
    place = {entry.id: at for at, entry in enumerate(judged.entries)}
    seen = bench(session, judged.edition)
    return {
        award.key: [place[each.entry_id] for each in seen.of_award(award.key)]
        for award in seen.slate.awards
    }


def codes(session: Session, judged: Judged, severity: Severity) -> list[str]:
    seen = bench(session, judged.edition)
    return [each.code for each in shortcomings(seen, "en") if each.severity is severity]


def test_what_the_standings_decide_can_be_conferred_at_once(
    session: Session, judged: Judged
) -> None:
    given = confer_proposed(session, judged.edition, person_id=judged.organizer.id, now=NOON)
    assert len(given) == 11
    assert held(session, judged) == {
        "first": [0],
        "second": [1, 2, 3],
        "third": [4, 5, 6, 7, 8],
        "creativity": [9],
        "narration": [10],
    }


def test_a_special_prize_is_drawn_from_the_frozen_mean_of_its_criterion(
    session: Session, judged: Judged
) -> None:
    standing = standing_of(session, judged.entries[11])
    standing.criteria = standing.criteria | {"creativity": "9.90"}
    session.flush()
    confer_proposed(session, judged.edition, person_id=judged.organizer.id, now=NOON)
    assert held(session, judged)["creativity"] == [11]


def test_equal_films_at_the_edge_of_a_prize_are_left_to_the_jury(
    session: Session, judged: Judged
) -> None:
    for at in (0, 1):
        standing = standing_of(session, judged.entries[at])
        standing.place, standing.shared = 1, True
    session.flush()
    confer_proposed(session, judged.edition, person_id=judged.organizer.id, now=NOON)
    assert held(session, judged)["first"] == []
    seen = bench(session, judged.edition)
    first = prizes(seen, [])[0]
    assert [each.standing.entry_id for each in first.contested] == [
        judged.entries[0].id,
        judged.entries[1].id,
    ]
    give(session, judged, "first", 1)
    assert held(session, judged)["first"] == [1]


def test_prizes_can_be_given_in_any_order(session: Session, judged: Judged) -> None:
    give(session, judged, "second", 2)
    give(session, judged, "first", 0)
    assert held(session, judged)["second"] == [2]


def test_a_departure_from_the_standings_needs_a_reason(session: Session, judged: Judged) -> None:
    with pytest.raises(Refused) as refusal:
        give(session, judged, "first", 3)
    assert [each.code for each in refusal.value.findings] == ["award.out_of_order"]
    give(session, judged, "first", 3, reason="The jury asked for it after deliberation.")
    assert held(session, judged)["first"] == [3]


def test_a_film_wins_one_prize_at_most(session: Session, judged: Judged) -> None:
    give(session, judged, "first", 0)
    with pytest.raises(Refused) as refusal:
        give(session, judged, "second", 0)
    assert [each.code for each in refusal.value.findings] == ["award.second_prize"]


def test_a_prize_has_no_more_films_than_places(session: Session, judged: Judged) -> None:
    give(session, judged, "first", 0)
    with pytest.raises(Refused) as refusal:
        give(session, judged, "first", 1, reason="We could not choose.")
    assert [each.code for each in refusal.value.findings] == ["award.too_many"]


def test_a_prize_the_slate_does_not_have_is_refused(session: Session, judged: Judged) -> None:
    with pytest.raises(Refused) as refusal:
        give(session, judged, "audience", 0)
    assert [each.code for each in refusal.value.findings] == ["award.unknown"]


def test_the_same_prize_twice_for_one_film_is_refused(session: Session, judged: Judged) -> None:
    give(session, judged, "second", 1)
    with pytest.raises(Refused, match="holds this prize already"):
        give(session, judged, "second", 1)


def test_a_prize_taken_back_is_open_again_and_the_logbook_remembers(
    session: Session, judged: Judged
) -> None:
    conferral = give(session, judged, "first", 0)
    take_back(session, conferral, person_id=judged.organizer.id, now=NOON)
    session.flush()
    assert held(session, judged)["first"] == []
    assert [each.act for each in lines_of(session, judged.edition.id)] == [
        "award.taken_back",
        "award.conferred",
    ]


def test_a_citation_that_is_too_long_is_refused_with_its_length(
    session: Session, judged: Judged
) -> None:
    conferral = give(session, judged, "first", 0)
    with pytest.raises(Refused, match="601 characters; 600 fit here"):
        cite(
            session,
            conferral,
            citation="x" * 601,
            reason="",
            person_id=judged.organizer.id,
            now=NOON,
        )


def test_no_round_closed_means_no_prizes(session: Session) -> None:
    edition = make_edition(session)
    assert bench(session, edition).round is None
    with pytest.raises(Refused):
        publish(session, edition, correction="", person_id=1, now=NOON)


def test_everything_lacking_is_named_before_publication(session: Session, judged: Judged) -> None:
    confer_proposed(session, judged.edition, person_id=judged.organizer.id, now=NOON)
    judged.entries[0].credits.clear()
    master = judged.entries[0].master
    assert master is not None
    for rendition in list(master.renditions):
        session.delete(rendition)
    session.flush()
    session.expire_all()
    assert sorted(set(codes(session, judged, Severity.BLOCK))) == [
        "award.no_citation",
        "award.no_makers",
    ]
    assert codes(session, judged, Severity.FLAG) == ["award.no_still", "award.no_film"]
    with pytest.raises(Refused) as refusal:
        published(session, judged)
    assert len(refusal.value.findings) == 12
    assert session.scalar(select(func.count(Snapshot.id))) == 0


def test_an_open_prize_keeps_the_palmares_from_being_published(
    session: Session, judged: Judged
) -> None:
    given = crown(session, judged)
    take_back(session, given[0], person_id=judged.organizer.id, now=NOON)
    session.flush()
    assert "award.incomplete" in codes(session, judged, Severity.BLOCK)


def test_a_round_still_open_keeps_the_palmares_from_being_published(
    session: Session, judged: Judged
) -> None:
    crown(session, judged)
    last = bench(session, judged.edition).rounds[-1]
    last.stage, last.closed_at, last.ballots_digest = RoundStage.OPEN, None, None
    session.flush()
    assert codes(session, judged, Severity.BLOCK)[0] == "awards.round_open"


def test_publication_is_one_snapshot_that_shows_from_its_instant(
    session: Session, judged: Judged
) -> None:
    crown(session, judged)
    snapshot = published(session, judged)
    assert snapshot.sequence == 1
    assert snapshot.visible_from == ANNOUNCED
    assert judged.edition.published_at == NOON
    second = timedelta(seconds=1)
    assert on_show(session, judged.edition.id, ANNOUNCED - second) is None
    assert all_on_show(session, ANNOUNCED - second) == []
    assert on_show(session, judged.edition.id, ANNOUNCED) is snapshot
    assert all_on_show(session, ANNOUNCED) == [snapshot]
    assert lines_of(session, judged.edition.id)[0].act == "palmares.published"


def test_the_hash_is_that_of_the_canonical_document(session: Session, judged: Judged) -> None:
    crown(session, judged)
    snapshot = published(session, judged)
    text = json.dumps(snapshot.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert snapshot.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_published_late_it_shows_at_once(session: Session, judged: Judged) -> None:
    crown(session, judged)
    late = ANNOUNCED + timedelta(hours=1)
    assert published(session, judged, late).visible_from == late


def test_publishing_twice_changes_nothing(session: Session, judged: Judged) -> None:
    crown(session, judged)
    first = published(session, judged)
    session.flush()
    session.expire_all()
    assert published(session, judged, NOON + timedelta(days=1)) is first
    assert session.scalar(select(func.count(Snapshot.id))) == 1


def test_a_correction_is_a_new_snapshot_that_says_so(session: Session, judged: Judged) -> None:
    given = crown(session, judged)
    first = published(session, judged)
    cite(
        session,
        given[0],
        citation="A better sentence.",
        reason="",
        person_id=judged.organizer.id,
        now=NOON,
    )
    session.flush()
    with pytest.raises(Refused, match="what this one corrects"):
        published(session, judged)
    later = ANNOUNCED + timedelta(days=1)
    second = published(session, judged, later, "The first prize's citation was cut short.")
    assert (second.sequence, second.visible_from) == (2, later)
    assert second.document["publication"]["corrections"] == [
        {
            "at": "2027-01-16T12:00:00+00:00",
            "what": "The first prize's citation was cut short.",
            "corrects": first.sha256,
        }
    ]
    assert on_show(session, judged.edition.id, ANNOUNCED) is first
    assert on_show(session, judged.edition.id, later) is second


def test_a_film_a_correction_drops_is_gone_under_its_old_name_too(
    session: Session, judged: Judged
) -> None:
    given = crown(session, judged)
    first = published(session, judged)
    kinds = [each.media_type for each in first.assets]
    assert (kinds.count("image/jpeg"), kinds.count("video/mp4")) == (11, 12)
    film = judged.entries[0]
    assert film.master is not None
    public = (RenditionKind.STILL, RenditionKind.SCREENER, RenditionKind.LIGHT)
    dropped = {each.storage_key for each in film.master.renditions if each.kind in public}
    film.stage = EntryStage.REFUSED
    take_back(session, given[0], person_id=judged.organizer.id, now=NOON)
    session.flush()
    give(session, judged, "first", 11, reason="The first was disqualified.")
    session.flush()
    published(session, judged, ANNOUNCED, "The first prize passes to another film.")
    shown = {
        each.storage_key: asset_on_show(session, each.token, ANNOUNCED) is not None
        for each in first.assets
    }
    assert {key for key, is_shown in shown.items() if not is_shown} == dropped


def test_an_asset_is_nowhere_before_the_instant(session: Session, judged: Judged) -> None:
    crown(session, judged)
    token = published(session, judged).assets[0].token
    assert asset_on_show(session, token, ANNOUNCED - timedelta(seconds=1)) is None
    assert asset_on_show(session, token, ANNOUNCED) is not None
    assert asset_on_show(session, "x" * 32, ANNOUNCED) is None


def test_a_film_disqualified_later_keeps_no_prize(session: Session, judged: Judged) -> None:
    crown(session, judged)
    judged.entries[0].stage = EntryStage.REFUSED
    session.flush()
    assert "award.not_ranked" in codes(session, judged, Severity.BLOCK)


def test_the_funnel_and_the_jury_are_counted(session: Session, judged: Judged) -> None:
    crown(session, judged)
    document = published(session, judged).document
    assert [(each["key"], each["count"]) for each in document["funnel"]] == [
        ("started", 13),
        ("submitted", 13),
        ("met_the_rules", 12),
        ("round:selection", 12),
        ("awarded", 11),
    ]
    assert document["jury"] == {
        "names": ["Ana Bo", "Ben Cho", "Chi Dao"],
        "jurors": 3,
        "ballots": 70,
        "recusals": 2,
    }


def test_a_card_tells_what_its_author_declared_and_what_was_measured(
    session: Session, judged: Judged
) -> None:
    crown(session, judged)
    film = published(session, judged).document["films"][0]
    assert film["runtime_ms"] == 104_000
    assert film["credits"] == [{"name": "林安琪", "romanised_name": "Lin Anqi", "role": "Director"}]
    assert film["ai"]["declared_share_bp"] == 7000
    assert film["ai"]["tools"][0]["tool"] == "Seedance"
    assert film["film"]["media_type"] == "video/mp4"


def test_a_film_whose_author_does_not_allow_it_is_not_shown(
    session: Session, judged: Judged
) -> None:
    crown(session, judged)
    films = published(session, judged).document["films"]
    assert [each["film"] is not None for each in films] == [
        each.may_play_publicly for each in judged.entries[:11]
    ]


def test_subtitles_go_with_the_films_that_play(session: Session, judged: Judged) -> None:
    for at in (0, 1):
        judged.entries[at].subtitles.append(
            Subtitles(
                language="en", file_name="en.srt", storage_key=f"words-{at}", received_at=NOON
            )
        )
    crown(session, judged)
    snapshot = published(session, judged)
    told = [each["subtitles"] for each in snapshot.document["films"][:2]]
    address = told[0][0]["file"]["address"]
    assert told == [
        [{"language": "en", "file": {"address": address, "media_type": "text/vtt"}}],
        [],
    ]
    shown = {asset_address(each.token): each.storage_key for each in snapshot.assets}
    assert shown[address] == "words-0"


@pytest.mark.parametrize(
    ("share", "label"),
    [
        (None, "Made with AI"),
        (6999, "AI-generated · 69.99 %"),
        (7450, "AI-generated · 74.5 %"),
        (10_000, "AI-generated"),
    ],
)
def test_the_label_says_the_declared_share_and_never_rounds_it(
    share: int | None, label: str
) -> None:
    assert str(ai_label(share)) == label


@pytest.mark.parametrize("films", [4, 12])
def test_loading_the_bench_takes_as_many_queries_for_few_films_as_for_many(
    session: Session, database: Database, films: int
) -> None:
    judged = make_judged_edition(session, films=films)
    crown(session, judged)
    session.commit()
    with database.reading() as fresh:
        edition = fresh.get_one(type(judged.edition), judged.edition.id)
        with statements(database.engine) as asked:
            shortcomings(bench(fresh, edition), "en")
    assert len(asked) == 8
