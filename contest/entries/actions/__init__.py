"""Verbs of entries, by noun: drafts and their fields, submission, decisions."""

from contest.entries.actions.decisions import decide
from contest.entries.actions.drafts import (
    affirm,
    begin_entry,
    keep_subtitles,
    remove_subtitles,
    save_credits,
    save_declaration,
    save_facts,
)
from contest.entries.actions.submission import (
    answer,
    reopen,
    return_to_draft,
    submit,
    withdraw,
)
from contest.entries.film import check_open_for_changes

__all__ = [
    "affirm",
    "answer",
    "begin_entry",
    "check_open_for_changes",
    "decide",
    "keep_subtitles",
    "remove_subtitles",
    "reopen",
    "return_to_draft",
    "save_credits",
    "save_declaration",
    "save_facts",
    "submit",
    "withdraw",
]
