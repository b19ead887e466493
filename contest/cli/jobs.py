"""Every job of the house, for whoever runs them: importing a module registers what it holds."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "contest.letters.jobs",
    "contest.media.jobs",
    "contest.entries.jobs",
    "contest.jury.jobs",
    "contest.awards.jobs",
)


def load_jobs() -> None:
    """Register every job."""
    for module in MODULES:
        import_module(module)
