"""Every job that is asked for exists, and every job that exists is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from contest.cli.jobs import load_jobs
from contest.entries.work import work_of
from contest.machines.queue import REGISTERED
from contest.settings import HOME
from contest.web.organizer.work import WORK


def asked_for() -> Iterator[str]:
    """The names given to `enqueue` anywhere in the house."""
    for file in sorted((HOME / "contest").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "enqueue":
                name = node.args[1]
                assert isinstance(name, ast.Constant), f"{file} computes the name of a job"
                yield str(name.value)


def test_every_job_has_somebody_who_asks_for_it_and_every_asking_a_job() -> None:
    load_jobs()
    ours = {name for name, job in REGISTERED.items() if job.__module__.startswith("contest.")}
    assert ours == set(asked_for())


def test_of_every_job_the_office_knows_the_name_and_the_edition() -> None:
    known = str(work_of(1).compile(compile_kwargs={"literal_binds": True}))
    assert {name for name in asked_for() if f"'{name}'" not in known} == set()
    assert set(WORK) == set(asked_for())
