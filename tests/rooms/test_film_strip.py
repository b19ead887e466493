"""The film on a strip: drawn from what was measured, told in words, to author and office."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.media.models import RenditionKind, RenditionState
from tests.visitor import TestVisitor

PICTURE = {
    "black": [[0.0, 1.5], [60.0, 70.2]],
    "frozen": [[20.0, 29.4]],
    "flashing": [[40.0, 42.0]],
    "flashes_per_second": 9,
    "cuts": [1.5, 20.0, 29.4, 58.0],
}
SOUND = {
    "starts_s": 0.0,
    "ends_s": 100.0,
    "silent": [[60.0, 75.0]],
    "loudness_lufs": -18.3,
    "loudness_range_lu": 7.1,
    "true_peak_dbtp": -1.2,
    "curve": [-70, -20, -18, -16],
    "curve_step_s": 25.0,
}


def measured(draft: Entry, session: Session) -> None:
    assert draft.master is not None
    assert draft.master.inspection is not None
    draft.master.inspection.facts = (draft.master.inspection.facts or {}) | {
        "duration_s": 100.0,
        "decoded": True,
        "picture": PICTURE,
        "sound": SOUND,
    }
    session.commit()


def test_an_author_sees_the_film_on_a_strip_and_every_stretch_leads_there(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    measured(draft, session)
    page = filmmaker.get(f"/entries/{draft.id}?step=film").text
    assert (
        "The film from its first frame to its last, 1 min 40 s: 4 cuts, 2 black, 1 still, "
        "1 flashing and 1 silent stretches." in page
    )
    assert page.count('class="reel-black"') == 2
    assert '<rect class="reel-frozen" x="20.00%" y="60" width="9.40%" height="10"/>' in page
    assert page.count('class="reel-cut"') == 4
    assert page.count("<image") == 12
    words = page[page.index('<dl class="reel-words') :]
    links = re.findall(r'data-seek="([\d.]+)">([^<]+)<', words[: words.index("</dl>")])
    assert links == [
        ("0.000", "0:00–0:01.5"),
        ("60.000", "1:00–1:10.2"),
        ("20.000", "0:20–0:29.4"),
        ("40.000", "0:40–0:42"),
        ("60.000", "1:00–1:15"),
    ]
    assert "4 cuts, a shot lasts 20 s on average" in page
    assert "-18.3 LUFS in all, range 7.1 LU, true peak -1.2 dBTP" in page


def test_before_its_stills_are_made_the_strip_is_drawn_without_them(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    measured(draft, session)
    assert draft.master is not None
    strip = draft.master.rendition(RenditionKind.STRIP)
    assert strip is not None
    strip.state, strip.storage_key = RenditionState.REQUESTED, None
    session.commit()
    page = filmmaker.get(f"/entries/{draft.id}?step=film").text
    assert (page.count("<image"), page.count('class="reel-loudness"')) == (0, 1)


def test_a_film_measured_before_has_no_strip_and_lacks_nothing(
    filmmaker: TestVisitor, draft: Entry
) -> None:
    page = filmmaker.get(f"/entries/{draft.id}?step=film").text
    assert "reel-words" not in page
    assert "Your film runs" in page
