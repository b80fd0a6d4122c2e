"""The page of the command line, generated from the commands."""

from typing import Any

import typer

from usbench.cli.app import app
from usbench_docs.cards import page

INTRO = """
Every command has `--help`. Where there is `--json`, it prints the result as JSON and nothing else on standard output.
Exit codes: 0 success, 1 something failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""


def commands_page() -> str:
    """Return the Markdown of the page."""
    root = typer.main.get_command(app)
    return page("# Command line", INTRO, *_sections(root, "usbench", 2))


def _sections(group: Any, prefix: str, level: int) -> list[str]:
    found = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        if hasattr(command, "commands"):
            anchor = path.replace(" ", "-")
            found += [f"{'#' * level} {path} {{ #{anchor} }}", command.help or "", *_sections(command, path, level + 1)]
        else:
            found.append(_section(command, path, level))
    return found


def _section(command: Any, path: str, level: int) -> str:
    context = command.make_context(path, [], resilient_parsing=True)
    usage = f"{path} {' '.join(command.collect_usage_pieces(context))}"
    return page(
        f"{'#' * level} {path} {{ #{path.replace(' ', '-')} }}",
        command.help,
        f"```text\n{usage}\n```",
        *_parameters(command, context),
    )


def _parameters(command: Any, context: Any) -> list[str]:
    records = [(param, param.get_help_record(context)) for param in command.params if param.name != "help"]
    return [f"`{names}`\n:   {text or ' '}" for _, (names, text) in filter(lambda record: record[1], records)]
