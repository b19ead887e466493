"""What a palmarès shows of a film: facts, makers, tools, and the bytes that may be public."""

from __future__ import annotations

from typing import Any

from contest.awards.models import Conferral
from contest.entries.models import Entry, ToolUse
from contest.media.models import RenditionKind
from contest.media.queries import facts_of
from contest.programme.actions import Shown
from contest.rulebook.presenting import Card
from contest.rulebook.rules import Rules, Texts
from contest.rulebook.sentences import Sentence

WHOLE = 10_000
"""All of a film, in hundredths of a percent."""


def card(conferral: Conferral) -> Card:
    """What a palmarès would show of a film under its prize."""
    entry = conferral.entry
    return Card(
        award=conferral.award_key,
        film=entry.display_title,
        citation=conferral.citation,
        makers=len(entry.credits),
        has_runtime=runtime_ms(entry) is not None,
        has_still=rendition(entry, RenditionKind.STILL) is not None,
        may_play=entry.may_play_publicly,
        can_play=rendition(entry, RenditionKind.SCREENER) is not None,
    )


def assets_of(entry: Entry) -> dict[str, Shown]:
    """What the public may be shown of a film, by names that only its entry number tells apart."""
    found = {"still": rendition(entry, RenditionKind.STILL)}
    if entry.may_play_publicly and (film := rendition(entry, RenditionKind.SCREENER)):
        found["film"] = film
        if light := rendition(entry, RenditionKind.LIGHT):
            found["light"] = light
        for each in entry.subtitles:
            found[f"subtitles-{each.language}"] = Shown(each.storage_key, "text/vtt")
    return {f"{name}-{entry.number}": each for name, each in found.items() if each is not None}


def film_card(entry: Entry, rules: Rules) -> dict[str, Any]:
    """A film as the palmarès tells of it, in plain JSON; `{"asset": name}` stands for bytes.

    `light` is there only where there is a light copy, as in palmarès of before there were any.
    """
    assets = assets_of(entry)
    return {
        "number": entry.number,
        "original_title": entry.original_title,
        "title_language": entry.title_language,
        "romanised_title": entry.romanised_title,
        "english_title": entry.english_title,
        "category": _label_of(entry.category, {each.key: each.label for each in rules.categories}),
        "synopsis": entry.synopsis,
        "countries": list(entry.countries),
        "languages": list(entry.languages),
        "year": entry.year,
        "runtime_ms": runtime_ms(entry),
        "credits": [
            {"name": each.name, "romanised_name": each.romanised_name, "role": each.role}
            for each in entry.credits
        ],
        "ai": {
            "declared_share_bp": entry.declared_share_bp,
            "label": ai_label(entry.declared_share_bp).to_json(),
            "tools": [_tool(each, rules) for each in entry.tools],
        },
        "rights": _rights(entry).to_json(),
        "still": _asset(f"still-{entry.number}", assets),
        "film": _asset(f"film-{entry.number}", assets),
        **_light(f"light-{entry.number}", assets),
        "subtitles": [
            {"language": each.language, "file": named}
            for each in sorted(entry.subtitles, key=lambda each: each.language)
            if (named := _asset(f"subtitles-{each.language}-{entry.number}", assets))
        ],
    }


def ai_label(share_bp: int | None) -> Sentence:
    """The label a viewer meets before the film: how much of it machines made, as declared."""
    if share_bp is None:
        return Sentence("Made with AI")
    if share_bp == WHOLE:
        return Sentence("AI-generated")
    return Sentence("AI-generated · %(share)s %%", share=f"{share_bp / 100:g}")


def runtime_ms(entry: Entry) -> int | None:
    """The measured running time in milliseconds; None until the film was measured."""
    facts = facts_of(entry.master.inspection) if entry.master else None
    return None if facts is None or facts.duration_s is None else round(facts.duration_s * 1000)


def rendition(entry: Entry, kind: RenditionKind) -> Shown | None:
    """The newest film's rendition of that kind, where it is ready."""
    found = entry.master.ready(kind) if entry.master else None
    return Shown(found.storage_key, found.media_type) if found else None


def _tool(used: ToolUse, rules: Rules) -> dict[str, Any]:
    stages = {each.key: each.label for each in rules.declaration.stages}
    return {
        "stage": _label_of(used.stage, stages),
        "tool": used.tool,
        "vendor": used.vendor,
        "version": used.version,
        "made": used.made,
        "human_step": used.human_step,
    }


def _rights(entry: Entry) -> Sentence:
    if entry.may_play_publicly:
        return Sentence("All rights stay with the makers, who let the film be shown here.")
    return Sentence("All rights stay with the makers. The film itself is not shown here.")


def _label_of(key: str, labels: dict[str, Texts]) -> dict[str, str]:
    return dict(labels.get(key, {}))


def _asset(name: str, assets: dict[str, Shown]) -> dict[str, str] | None:
    return {"asset": name} if name in assets else None


def _light(name: str, assets: dict[str, Shown]) -> dict[str, dict[str, str]]:
    return {"light": {"asset": name}} if name in assets else {}
