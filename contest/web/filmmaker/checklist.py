"""An entry as its page shows it: steps with what was said, and where it stands, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contest.entries.film import may_be_submitted, open_uploads
from contest.entries.judging import film_findings, is_checked, obstacles, running_s
from contest.entries.models import Decision, Entry, Receipt, Reel
from contest.media.models import InspectionState, RenditionKind, RenditionState, Stored
from contest.media.queries import facts_of
from contest.rulebook.embargo import CallPhase, call_phase, may_arrive
from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import Rules
from contest.rulebook.stages import EntryStage
from contest.web.filmmaker.said import said, submit_said, titles

STEPS = ("facts", "credits", "making", "film", "rights", "submit")
STEP_OF = {"facts": "facts", "credits": "credits", "declaration": "making", "ai_share": "making"}
FIELD_OF = {"declaration.lines": "tools-0-tool", "declaration.share": "share", "ai_share": "share"}
ORDER = (Severity.BLOCK, Severity.PENALISE, Severity.FLAG, Severity.OK)


@dataclass(frozen=True)
class Lack:
    """Something still missing: its words, its step, and the input to go to."""

    finding: Finding
    step: str
    anchor: str


@dataclass(frozen=True)
class Step:
    """One line of the checklist. `state` is done, todo, wrong or waiting."""

    key: str
    title: str
    said: str
    state: str


@dataclass(frozen=True)
class Checklist:
    """All an entry's page shows beside its forms."""

    entry: Entry
    rules: Rules
    stage: EntryStage
    """As its author may know it: a decision counts once its letter has left."""
    phase: CallPhase
    may_submit: bool
    """Whether it is not too late to submit, whatever is lacking."""
    awaits_film: bool
    """Whether the call is over and a film announced in time may still arrive."""
    lacks: Sequence[Lack]
    findings: Sequence[Finding]
    steps: Mapping[str, Step]

    @property
    def is_editable(self) -> bool:
        return self.stage is EntryStage.ASKED or (
            self.stage is EntryStage.DRAFT and self.phase is CallPhase.OPEN
        )

    @property
    def takes_films(self) -> bool:
        """Whether a film may be chosen: a new one, or the rest of one announced in time."""
        if self.stage not in (EntryStage.DRAFT, EntryStage.ASKED):
            return False
        return self.phase is CallPhase.OPEN or self.awaits_film

    @property
    def goes_on(self) -> bool:
        """Whether its author can still bring it further."""
        late = self.stage is EntryStage.DRAFT and self.may_submit
        return self.is_editable or self.takes_films or late

    @property
    def next_step(self) -> str:
        """The first step that is not done."""
        return next((key for key in STEPS if self.steps[key].state != "done"), "submit")

    @property
    def reel(self) -> Reel | None:
        """The newest version that arrived whole."""
        arrived = [each for each in self.entry.reels if each.master is not None]
        return arrived[-1] if arrived else None

    @property
    def facts(self) -> MediaFacts | None:
        return facts_of(self.entry.master.inspection) if self.entry.master else None

    @property
    def running_s(self) -> float | None:
        return running_s(self.entry)

    @property
    def is_checking(self) -> bool:
        return self.entry.master is not None and not is_checked(self.entry)

    @property
    def header_is_read(self) -> bool:
        inspection = self.entry.master.inspection if self.entry.master else None
        return inspection is not None and inspection.state is InspectionState.HEADER_READ

    @property
    def looked_s(self) -> float | None:
        """How far the film is decoded, in seconds; None while that has not begun."""
        inspection = self.entry.master.inspection if self.entry.master else None
        return inspection.looked_s if inspection else None

    @property
    def is_changing(self) -> bool:
        """Whether the house still works on the film, and its page should ask again meanwhile."""
        master = self.entry.master
        made = master.renditions if master else []
        return self.is_checking or any(each.state is RenditionState.REQUESTED for each in made)

    @property
    def receipt(self) -> Receipt | None:
        return self.entry.receipts[-1] if self.entry.receipts else None

    @property
    def decision(self) -> Decision | None:
        """The newest decision its author knows of."""
        told = [each for each in self.entry.decisions if each.is_told]
        return told[-1] if told else None

    @property
    def rules_moved(self) -> bool:
        """Whether the rules changed since the entry was begun or last submitted."""
        moved = self.entry.rules_version_id != self.entry.edition.current.id
        return moved and self.stage is EntryStage.DRAFT

    def rendition(self, kind: str) -> Stored | None:
        """What was made of the film, once it is ready."""
        return self.entry.master.ready(RenditionKind(kind)) if self.entry.master else None


def checklist(entry: Entry, now: datetime) -> Checklist:
    """The entry's page as it stands at `now`."""
    stage = told_stage(entry)
    lacks = [_lack(each) for each in obstacles(entry)]
    findings = sorted(film_findings(entry), key=lambda each: ORDER.index(each.severity))
    steps = {key: _step(key, entry, lacks, stage) for key in STEPS}
    calendar = entry.edition.rules.calendar
    phase = call_phase(calendar, now)
    return Checklist(
        entry=entry,
        rules=entry.rules,
        stage=stage,
        phase=phase,
        may_submit=may_be_submitted(entry, now),
        awaits_film=phase is CallPhase.CLOSED
        and any(may_arrive(calendar, each.sha256_at, now) for each in open_uploads(entry)),
        lacks=lacks,
        findings=findings,
        steps=steps,
    )


def told_stage(entry: Entry) -> EntryStage:
    """The stage as its author may know it."""
    if entry.decisions and not entry.decisions[-1].is_told and entry.stage in DECIDED:
        return EntryStage.SUBMITTED
    return entry.stage


DECIDED = (EntryStage.ASKED, EntryStage.ACCEPTED, EntryStage.REFUSED)


def _lack(finding: Finding) -> Lack:
    area, _dot, name = finding.about.partition(".")
    if area == "rights":
        return Lack(finding, "rights", f"affirmed-{name}")
    anchor = FIELD_OF.get(finding.about) or name or area
    return Lack(finding, STEP_OF.get(area, "film"), anchor)


def _step(key: str, entry: Entry, lacks: Sequence[Lack], stage: EntryStage) -> Step:
    if key == "submit":
        state = "todo" if stage in (EntryStage.DRAFT, EntryStage.ASKED) else "done"
        return Step(key, titles()[key], submit_said(entry, len(lacks), stage), state)
    lacking = [each.finding for each in lacks if each.step == key]
    return Step(key, titles()[key], said(key, entry, lacking), _state(key, entry, lacking))


def _state(key: str, entry: Entry, lacking: Sequence[Finding]) -> str:
    if any(each.code != "missing" for each in lacking):
        return "wrong"
    if key == "film" and entry.master is not None and not is_checked(entry):
        return "waiting"
    return "todo" if lacking else "done"
