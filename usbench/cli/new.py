"""`usbench new`: a working plugin to start from."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from usbench.cli.catalogue import JsonOption


class PluginKind(StrEnum):
    """The kinds of plugins."""

    method = "method"
    dataset = "dataset"
    simulator = "simulator"
    metric = "metric"


def new(
    kind: Annotated[PluginKind, typer.Argument(help="The kind of plugin.")],
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and underscores, such as my_filter.")],
    package: Annotated[
        bool, typer.Option("--package", help="A distribution with entry point, test and README, in a folder NAME.")
    ] = False,
    folder: Annotated[Path, typer.Option("--into", help="The folder to write to. Default: the current one.")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write a working, documented plugin: a single file NAME.py, or a whole distribution. Nothing is overwritten."""
    from usbench.scaffold import write_file, write_package

    written = (write_package if package else write_file)(kind.value, name, folder)
    if as_json:
        print(json.dumps({"files": [str(file) for file in written.files], "check": written.check, "use": written.use}))
        return
    for file in written.files:
        print(f"wrote {file}")
    print(f"next  {written.check}")
    print(f"then  {written.use}")
