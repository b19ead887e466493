"""`contest …`: one module a command, each with `add_parser(parser)` and `run(arguments) -> int`.

Only the module of the command that was called is imported: `contest check` starts without knowing
of databases or the web.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

COMMANDS = {
    "run": ("contest.cli.run", "open the doors: web server and worker, until Ctrl-C"),
    "worker": ("contest.cli.worker", "do the jobs the web leaves behind"),
    "migrate": ("contest.cli.schema", "bring the database up to date"),
    "storage": ("contest.cli.storage", "let browsers send films to the bucket"),
    "demo": ("contest.cli.demo", "fill an empty house with a demonstration"),
    "administrator": ("contest.cli.administrator", "let somebody run the house, and in"),
    "backup": ("contest.cli.backup", "copy the whole house, while it is open"),
    "films": ("contest.cli.films", "say whether every film is still what arrived"),
    "check": ("contest.cli.check", "say whether films meet an edition's rules"),
    "rank": ("contest.cli.rank", "rank marks from a CSV file and explain each place"),
    "recompute": ("contest.cli.recompute", "count a closed round again from its bundle"),
    "assign": ("contest.cli.assign", "deal films to jurors from a JSON file"),
    "jury-audit": ("contest.cli.jury_audit", "say what stands out in a jury's scores"),
    "logbook": ("contest.cli.logbook", "say whether the logbook stands as it was written"),
    "messages": ("contest.cli.messages", "gather what people read into the catalogues"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if given[0] not in COMMANDS:
        near = "".join(
            f" Did you mean {each}?" for each in get_close_matches(given[0], COMMANDS, 1)
        )
        print(f"contest has no command {given[0]}.{near}\n\n{_overview()}", file=sys.stderr)
        return 2
    return _call(given[0], given[1:])


def _call(name: str, arguments: list[str]) -> int:
    from contest.settings import SettingsRefused

    module, purpose = COMMANDS[name]
    command = import_module(module)
    told = f"{purpose[0].upper()}{purpose[1:]}."  # capitalize() would write csv and ctrl-c
    parser = ArgumentParser(prog=f"contest {name}", description=told)
    command.add_parser(parser)
    arrange = getattr(command, "arrange", list)  # a command may put its words in order first
    try:
        code = int(command.run(parser.parse_args(arrange(arguments))))
        sys.stdout.flush()
        return code
    except SettingsRefused as refused:
        print(f"The settings can't be used: {refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read along has seen enough: `contest rank … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _overview() -> str:
    lines = (f"  {name:15}{purpose}" for name, (_, purpose) in COMMANDS.items())
    return "\n".join(["contest COMMAND …", "", *lines, "", "contest COMMAND --help tells more."])
