"""What an author said, in one line a step; and what the check came to, as a heading."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from contest.entries.film import open_uploads
from contest.entries.models import Entry
from contest.rulebook.findings import Finding, Severity, blocks
from contest.rulebook.stages import EntryStage
from contest.web.parts import country, percent_bp, size, texts


def titles() -> dict[str, str]:
    """What the steps are called."""
    return {
        "facts": _("Film facts"),
        "credits": _("Credits"),
        "making": _("How it was made"),
        "film": _("The film"),
        "rights": _("Rights statements"),
        "submit": _("Submit"),
    }


def said(step: str, entry: Entry, lacking: Sequence[Finding]) -> str:
    """What was said at a step, or how much is still unsaid."""
    unsaid = sum(1 for each in lacking if each.code == "missing")
    if step == "film":
        return _film(entry)
    if unsaid and step == "rights":
        return str(ngettext("%(num)d to affirm", "%(num)d to affirm", unsaid))
    if unsaid:
        words = ngettext("%(num)d thing still to say", "%(num)d things still to say", unsaid)
        return str(words)
    return SAID[step](entry)


def submit_said(entry: Entry, lacking: int, stage: EntryStage) -> str:
    """What stands between the entry and its submission, or what came of it."""
    if stage is EntryStage.WITHDRAWN:
        return str(_("Withdrawn"))
    if stage not in (EntryStage.DRAFT, EntryStage.ASKED):
        return str(_("Entry %(number)s", number=f"{entry.number:04}"))
    if lacking:
        words = ngettext(
            "%(num)d thing is still missing", "%(num)d things are still missing", lacking
        )
        return str(words)
    return str(_("Everything is here"))


def verdict_title(findings: Sequence[Finding]) -> str:
    """What the check comes to: `One thing to mend, 2 things to look at`."""
    mend = sum(1 for each in findings if blocks([each]))
    look = sum(1 for each in findings if each.severity in (Severity.FLAG, Severity.PENALISE))
    told = []
    if mend:
        told.append(ngettext("one thing to mend", "%(num)d things to mend", mend))
    if look:
        told.append(ngettext("one thing to look at", "%(num)d things to look at", look))
    words = ", ".join(map(str, told)) or str(_("your film meets the rules"))
    return words[0].upper() + words[1:]


def _facts(entry: Entry) -> str:
    spoken = ngettext("%(num)d language", "%(num)d languages", len(entry.languages))
    places = ", ".join(map(country, entry.countries))
    kinds = {each.key: texts(each.label) for each in entry.rules.categories}
    return f"{kinds.get(entry.category, entry.category)}, {spoken}, {places}, {entry.year}"


def _credits(entry: Entry) -> str:
    return str(ngettext("%(num)d person", "%(num)d people", len(entry.credits)))


def _making(entry: Entry) -> str:
    used = {each.stage for each in entry.tools}
    stages = [texts(each.label) for each in entry.rules.declaration.stages if each.key in used]
    tools = ngettext("%(num)d tool", "%(num)d tools", len({each.tool for each in entry.tools}))
    return str(
        _(
            "%(stages)s: %(tools)s. Declared %(share)s AI.",
            stages=", ".join(stages),
            tools=tools,
            share=percent_bp(entry.declared_share_bp),
        )
    )


def _film(entry: Entry) -> str:
    if open_uploads(entry):
        return str(_("Being sent"))
    arrived = [each for each in entry.reels if each.master is not None]
    if not arrived or arrived[-1].master is None:
        return str(_("Not sent yet"))
    return str(
        _(
            "Version %(number)s, %(name)s, %(size)s",
            number=arrived[-1].number,
            name=arrived[-1].master.file_name,
            size=size(arrived[-1].master.size_bytes),
        )
    )


def _rights(_entry: Entry) -> str:
    return str(_("All affirmed"))


SAID = {"facts": _facts, "credits": _credits, "making": _making, "rights": _rights}
