"""`usbench weights`: weights added by the user."""

import json
from pathlib import Path
from typing import Annotated

import typer

from usbench.cli.catalogue import JsonOption

weights = typer.Typer(name="weights", help="Add, list and remove weights that are not shipped.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="The method or simulator that runs on them, such as gan-d-zenodo.")]


@weights.command("add")
def add(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The archive or .pth file that their authors published.")],
    force: Annotated[bool, typer.Option("--force", help="Replace existing weights.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check and convert published weights; of an archive with several networks, all are added."""
    from usbench.weights.add import add_weights
    from usbench.weights.user import weights_folder

    added = add_weights(name, file, force)
    if as_json:
        print(json.dumps({"added": added.names, "left": added.left, "folder": str(weights_folder())}))
        return
    print(f"Added {' and '.join(added.names)} to {weights_folder()}.")
    for other in added.left:
        print(f"{other} had been added before and was kept.")


@weights.command("list")
def list_weights(as_json: JsonOption = False) -> None:
    """List the weights that were added, with size, origin and SHA-256 of the file they came from."""
    from usbench.weights.add import weight_takers
    from usbench.weights.user import kept, weights_folder

    entries = kept()
    if as_json:
        print(json.dumps(entries))
        return
    for entry in entries:
        about = entry["problem"] or f"{entry['bytes'] / 1e6:.1f} MB, from {entry['origin']}, SHA-256 {entry['sha256']}"
        print(f"{entry['name']}: {about}")
    there = {entry["name"] for entry in entries}
    missing = [name for name in weight_takers() if name not in there]
    print(f"The folder is {weights_folder()}." + (f" Not added: {', '.join(missing)}." if missing else ""))


@weights.command("remove")
def remove(name: Name) -> None:
    """Remove weights that were added."""
    from usbench.weights.user import drop

    drop(name)
    print(f"Removed {name}.")
