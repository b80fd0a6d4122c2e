"""`usbench data`: public sets on the user's disk."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from usbench.cli.catalogue import JsonOption
from usbench.cli.listing import Listing
from usbench.cli.options import MOST_PROCESSES
from usbench.cli.terminal import console

ABSENT = {True: "no; `usbench data get` fetches it", False: "no"}

data = typer.Typer(name="data", help="List, add, download and show public data sets.", rich_markup_mode=None)

SetName = Annotated[str, typer.Argument(help="A public set, such as hc18; see `usbench data list`.")]


@data.command("list")
def list_sets(as_json: JsonOption = False) -> None:
    """List public sets with licence, size, home and whether they are here."""
    from usbench.public_data.manage import overview, wrong_with

    lines = [line | {"problem": wrong_with(line["name"])} for line in overview()]
    if as_json:
        print(json.dumps(lines))
        return
    rows = []
    for line in lines:
        here = line["problem"] or (f"{line['files']} files in {line['here']}" if line["here"] else ABSENT[line["get"]])
        rows.append([line["name"], line["title"], line["licence"], line["size"], line["home"], here])
    Listing(heads=("name", "title", "licence", "size", "home", "here"), rows=rows, named=2).print(console())


@data.command("add")
def add(
    name: SetName,
    folder: Annotated[Path, typer.Argument(help="The downloaded directory.")],
    as_json: JsonOption = False,
) -> None:
    """Check a directory against the layout of a set and index it; nothing is copied."""
    from rich.progress import Progress

    from usbench.public_data.manage import add_set

    screen = console(stderr=True)
    with Progress(console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task(f"hashing {name}", total=None)
        added = add_set(name, folder.expanduser(), lambda at, of: bar.update(task, completed=at, total=of))
    _report(added, as_json)


@data.command("get")
def get(name: SetName, as_json: JsonOption = False) -> None:
    """Download a set, if its licence and a stable address allow it, and add it."""
    from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

    from usbench.public_data.manage import get_set

    screen = console(stderr=True)
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task(f"downloading {name}", total=None)
        added = get_set(name, lambda here, of: bar.update(task, completed=here, total=of or None))
    _report(added, as_json)


@data.command("remove")
def remove(name: SetName) -> None:
    """Remove a set from the index; its files are kept."""
    from usbench.public_data.index import forget

    forget(name)
    print(f"Removed {name} from the index; its files are kept.")


@data.command("render")
def render(
    name: Annotated[str, typer.Argument(help="A simulated set, such as 'contrast-speckle[count=4]+simus'.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for pictures and index.")],
    split: Annotated[str, typer.Option(help="Which split.")] = "test",
    workers: Annotated[
        int | None, typer.Option("--workers", "-j", min=1, max=MOST_PROCESSES, help="Processes. Default: cores.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Render a slow simulated set once, in parallel, as 16-bit pictures; `simus-phantom:FOLDER` reads them."""
    from rich.progress import MofNCompleteColumn, Progress

    from usbench.bench.render import render_set
    from usbench.evaluation.limits import cores

    screen = console(stderr=True)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task(f"rendering {name.partition('[')[0]}", total=None)

        def done(at: int, of: int) -> None:
            bar.update(task, completed=at, total=of)
            if not screen.is_terminal:
                print(f"{at} of {of} samples", file=sys.stderr)

        made = render_set(name, out.expanduser(), split=split, workers=workers or cores(), done=done)  # type: ignore[arg-type]
    print(json.dumps(made) if as_json else f"Wrote {made['samples']} samples of {made['dataset']} to {made['folder']}.")


@data.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Any data set, such as hc18, busi:DIR or phantom+psf.")],
    sample: Annotated[str, typer.Option("--sample", help="Id or number of the sample.")] = "0",
    split: Annotated[str | None, typer.Option(help="Of this split only.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The PNG. Default: SET-SAMPLE.png.")] = None,
    zoom: Annotated[int, typer.Option(min=1, max=8, help="Enlarge pixels by this factor.")] = 1,
    open_it: Annotated[bool, typer.Option("--open/--no-open", help="Open the picture, if at a terminal.")] = True,
) -> None:
    """Write a picture of a sample with its regions of interest."""
    from usbench.cli.picture import save
    from usbench.public_data.manage import find_sample, roi_picture

    shown = find_sample(name, sample, split)
    plain = name.partition(":")[0].replace("/", "_")
    file = out or Path(f"{plain}-{shown.id.replace('/', '_')}.png")
    save(roi_picture(shown, zoom), file, quiet=True)
    print(f"Wrote {file}: {', '.join(shown.rois.masks) or 'no regions'}.")
    if open_it and sys.stdout.isatty():
        typer.launch(str(file))


def _report(added: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(added))
        return
    about = f"{added['samples']} samples, {added['masks']} with masks, {added['files']} files in {added['root']}"
    print(f"Added {added['name']}: {about}; {added['jpeg']}.")
