"""`usbench tables`: from stored rows to leaderboards."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.errors import StoreError, UsageError

if TYPE_CHECKING:
    import pandas as pd

Results = Annotated[Path, typer.Option("--results", help="The folder with the stored rows.")]


def tables(
    results: Results = Path("results"),
    out: Annotated[Path, typer.Option("--out", help="Where the leaderboards go.")] = Path("leaderboards"),
    as_json: JsonOption = False,
) -> None:
    """Regenerate the leaderboards (Markdown, CSV, LaTeX and one HTML page) from stored rows alone."""
    written = write_leaderboards(results, out, quiet=as_json)
    if as_json:
        print(json.dumps([str(path) for path in written]))


def write_leaderboards(results: Path, out: Path, *, quiet: bool = False) -> list[Path]:
    """Write the leaderboards of a results folder and return the files; say so unless `quiet`."""
    from usbench.bench.speed import LANE
    from usbench.bench.store import Store
    from usbench.board.cards import dataset_cards, method_cards
    from usbench.board.page.page import write_page
    from usbench.board.page.payload import payload
    from usbench.board.page.pictures import read_pictures
    from usbench.board.rows import current_timing
    from usbench.board.scores import boards
    from usbench.board.speed import current_speeds
    from usbench.board.summary import summarise
    from usbench.board.tables import write_tables
    from usbench.board.versions import mixed_versions

    rows = stored_rows(results)
    if finding := mixed_versions(rows, "method"):
        print(f"usbench: careful: {finding}", file=sys.stderr)
    metrics = registry.working("metrics")
    entries = summarise(rows, current_timing(Store(results).read(lane="timing"), results), metrics)
    speeds = current_speeds(Store(results).read(lane=LANE))
    written = write_tables(entries, speeds, _licence_notes(), out)
    cards = dataset_cards(rows["dataset"].unique())
    data = payload(entries, boards(rows, metrics), method_cards(), cards, read_pictures(results), speeds)
    written.append(write_page(data, out))
    if not quiet:
        print(f"Wrote {', '.join(path.name for path in written)} to {out}.")
    return written


def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders with stored rows, of one machine each.")],
    into: Annotated[Path, typer.Option("--into", help="The folder that gets all of them; it may have rows already.")],
    as_json: JsonOption = False,
) -> None:
    """Join the rows of several machines, unless they are of other versions of a data set or a metric."""
    import pandas as pd

    from usbench.bench.absorb import absorb
    from usbench.bench.store import Store
    from usbench.board.rows import current_rows
    from usbench.board.versions import mixed_versions

    read = [sound_rows(folder).assign(folder=str(folder)) for folder in dict.fromkeys([*folders, into])]
    for folder, rows in zip(folders, read, strict=False):
        if not len(rows):
            raise UsageError(f"There are no results in {folder}.")
    if finding := mixed_versions(current_rows(pd.concat(read, ignore_index=True), *folders, into), "folder"):
        raise StoreError(finding)
    found = {str(folder): absorb(Store(into), Store(folder)) for folder in folders}
    for name, one in found.items():
        if one.differing:
            kept = f"{one.differing[0]}" + (f" and {len(one.differing) - 1} more" if one.differing[1:] else "")
            print(
                f"usbench: careful: {into} and {name} have other versions of {kept}; those of {into} stay.",
                file=sys.stderr,
            )
    if as_json:
        print(json.dumps({name: one.units for name, one in found.items()}))
    else:
        print(f"{into} has {sum(one.units for one in found.values())} new units from {', '.join(found)}.")


def stored_rows(results: Path) -> "pd.DataFrame":
    """Return the rows of a results folder that count.

    Raises
    ------
    UsageError
        If there are none.
    """
    from usbench.board.rows import current_rows

    rows = current_rows(sound_rows(results), results)
    if not len(rows):
        raise UsageError(f"There are no results in {results}; `usbench run --results {results}` makes some.")
    return rows


def sound_rows(results: Path) -> "pd.DataFrame":
    """Return all rows of a results folder; damaged files are set aside, and the user is told."""
    from usbench.bench.speed import LANE
    from usbench.bench.store import Store

    store = Store(results)
    damaged = [path for lane in ("units", "timing", LANE) for path in store.set_aside_damaged(lane)]
    for path in damaged:
        print(
            f"usbench: careful: {path.name} was damaged and is in {path.parent} now; the next run computes it again.",
            file=sys.stderr,
        )
    return store.read()


def _licence_notes() -> dict[str, str]:
    """Return the licence of each method that is not free for every use."""
    licences = {name: method.card.licence for name, method in registry.working("methods").items()}
    return {name: licence for name, licence in licences.items() if "commercial" in licence.lower()}
