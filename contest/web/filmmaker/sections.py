"""Saving the steps of an entry, field by field, so that two windows never undo each other silently.

A field that was changed elsewhere since its author last saw it is not overwritten: both wordings
are shown, and the author chooses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from contest.entries import actions
from contest.entries.judging import affirmed
from contest.entries.models import Entry
from contest.web.filmmaker.forms import CreditsForm, FactsForm, MakingForm, RightsForm, StepForm
from contest.web.parts import percent_bp

Values = dict[str, Any]
Pairs = Sequence[tuple[str, str]]
"""Names and values as a browser would send them."""

INPUT = re.compile(r"[a-z_]+(-[0-9]{1,6}-[a-z_]+)?")
"""What inputs are called. WTForms takes other digits for a row's number, and breaks on them."""

FACTS = (
    "category",
    "original_title",
    "title_language",
    "romanised_title",
    "english_title",
    "synopsis",
    "languages",
    "countries",
    "year",
    "titles_s",
)
CREDIT = ("name", "romanised_name", "role")
TOOL = ("stage", "tool", "vendor", "version", "made", "human_step", "terms")


@dataclass(frozen=True)
class Section:
    """A step with fields: its form, what is stored of it, and how it is kept."""

    fields: Sequence[str]
    form: Callable[..., StepForm]
    stored: Callable[[Entry], Values]
    keep: Callable[[Session, Entry, Values, datetime], None]


@dataclass(frozen=True)
class Typed:
    """What somebody typed into some fields of a section.

    `revision` is the entry's at the time they saw it; `was` holds what the fields held then, or is
    None where a page without scripts can't tell.
    """

    revision: int
    fields: frozenset[str]
    now: Pairs
    was: Pairs | None = None


@dataclass(frozen=True)
class Saved:
    """What became of it: the form as typed, what is wrong by input, what was changed elsewhere."""

    form: StepForm
    wrong: dict[str, str]
    elsewhere: dict[str, str]
    """What the fields hold now, in words, by field."""

    @property
    def whole(self) -> bool:
        return not self.wrong and not self.elsewhere


def field_of(name: str) -> str:
    """The field an input belongs to: `people` for `people-0-name`."""
    return name.partition("-")[0]


def shown(entry: Entry, section: str) -> StepForm:
    """The form as it is stored."""
    values = SECTIONS[section].stored(entry)
    for name in {"year", "titles_s"} & set(values):
        values[name] = "" if values[name] is None else str(values[name])
    if "share" in values:
        values["share"] = share_words(values["share"])
    return SECTIONS[section].form(entry, data=values)


def share_words(share_bp: int | None) -> str:
    """A share as it is typed: `69.99`."""
    return "" if share_bp is None else percent_bp(share_bp).removesuffix(" %")


def save(session: Session, entry: Entry, section: str, typed: Typed, *, now: datetime) -> Saved:
    """Keep every field that can be kept. Raises `Refused` where the entry may not be changed."""
    actions.check_open_for_changes(entry, now)
    form = _read(entry, section, typed.now)
    form.validate()
    wrong = {name: words for name, words in form.wrong.items() if field_of(name) in typed.fields}
    stored = SECTIONS[section].stored(entry)
    given = {name: value for name, value in form.values.items() if name in typed.fields}
    elsewhere = _changed_elsewhere(entry, section, typed, given, stored)
    kept = {
        name: value
        for name, value in given.items()
        if name not in elsewhere and name not in map(field_of, wrong) and value != stored[name]
    }
    all_or_nothing = typed.was is None  # what a form shows again must be all it sent
    if kept and not (all_or_nothing and (wrong or elsewhere)):
        SECTIONS[section].keep(session, entry, stored | kept, now)
    return Saved(form, wrong, {name: _in_words(stored[name]) for name in elsewhere})


def _read(entry: Entry, section: str, pairs: Pairs) -> StepForm:
    ours = [pair for pair in pairs if INPUT.fullmatch(pair[0])]
    return SECTIONS[section].form(entry, formdata=MultiDict(ours))


def _changed_elsewhere(
    entry: Entry, section: str, typed: Typed, given: Values, stored: Values
) -> list[str]:
    if typed.revision == entry.revision:
        return []
    was = given if typed.was is None else _read(entry, section, typed.was).values
    return [
        name
        for name, value in given.items()
        if stored[name] != value and (typed.was is None or stored[name] != was[name])
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(filter(None, value.values()))
    if isinstance(value, list):
        return "; ".join(map(_in_words, value)) or "—"
    return "—" if value in (None, "") else str(value)


def rearrange(form: StepForm, act: str) -> None:
    """Do what a button beside a row says: `up-people-2`, `down-…`, `remove-…`."""
    verb, _dash, name = act.partition("-")
    for rows in (each.entries for each in form if field_of(name) == each.name):
        at = next((at for at, row in enumerate(rows) if row.name == name), None)
        if at is None:
            continue
        row = rows.pop(at)
        if verb != "remove":
            rows.insert(max(0, at + (1 if verb == "down" else -1)), row)


def _facts(entry: Entry) -> Values:
    return {name: getattr(entry, name) for name in FACTS}


def _keep_facts(session: Session, entry: Entry, values: Values, now: datetime) -> None:
    actions.save_facts(session, entry, values, now=now)


def _credits(entry: Entry) -> Values:
    return {"people": [{name: getattr(row, name) for name in CREDIT} for row in entry.credits]}


def _keep_credits(session: Session, entry: Entry, values: Values, now: datetime) -> None:
    actions.save_credits(session, entry, values["people"], now=now)


def _making(entry: Entry) -> Values:
    tools = [{name: getattr(row, name) for name in TOOL} for row in entry.tools]
    return {"tools": tools, "share": entry.declared_share_bp}


def _keep_making(session: Session, entry: Entry, values: Values, now: datetime) -> None:
    actions.save_declaration(session, entry, values["tools"], values["share"], now=now)


def _rights(entry: Entry) -> Values:
    rules = entry.rules
    kept = affirmed(entry, rules)
    keys = [each.key for each in rules.rights if each.key in kept]
    return {"affirmed": keys, "may_play_publicly": entry.may_play_publicly}


def _keep_rights(session: Session, entry: Entry, values: Values, now: datetime) -> None:
    actions.affirm(session, entry, values["affirmed"], now=now)
    told = {"may_play_publicly": values["may_play_publicly"]}
    actions.save_facts(session, entry, told, now=now)


SECTIONS = {
    "facts": Section(FACTS, FactsForm, _facts, _keep_facts),
    "credits": Section(("people",), CreditsForm, _credits, _keep_credits),
    "making": Section(("share", "tools"), MakingForm, _making, _keep_making),
    "rights": Section(("affirmed", "may_play_publicly"), RightsForm, _rights, _keep_rights),
}
