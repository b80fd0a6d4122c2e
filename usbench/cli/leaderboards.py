"""`usbench tables`: from stored rows to leaderboards."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.core.errors import UsageError
from usbench.evaluation.limits import SECONDS_PER_IMAGE, seconds_for

if TYPE_CHECKING:
    import pandas as pd

Results = Annotated[Path, typer.Option("--results", help="The folder with the stored rows.")]


def tables(
    results: Results = Path("results"),
    out: Annotated[Path, typer.Option("--out", help="Where the leaderboards go.")] = Path("leaderboards"),
    as_json: JsonOption = False,
) -> None:
    """Regenerate the leaderboards (Markdown, CSV, LaTeX, one HTML page, and all rows) from stored rows alone."""
    written = write_leaderboards(results, out, quiet=as_json)
    if as_json:
        print(json.dumps([str(path) for path in written]))


def write_leaderboards(results: Path, out: Path, *, quiet: bool = False) -> list[Path]:
    """Write the leaderboards of a results folder and return the files; say so unless `quiet`."""
    import pandas as pd

    from usbench.bench.published_rows import FILES, publish
    from usbench.bench.speed import LANE
    from usbench.bench.store import Store
    from usbench.board.cards import dataset_cards, method_cards, weights_cards
    from usbench.board.page.page import write_page
    from usbench.board.page.payload import payload
    from usbench.board.page.pictures import read_pictures
    from usbench.board.rows import current_timing
    from usbench.board.scores import boards
    from usbench.board.speed import current_speeds
    from usbench.board.summary import summarise
    from usbench.board.tables import write_tables
    from usbench.board.training import trainings
    from usbench.board.transfer import split_off
    from usbench.board.versions import mixed_versions

    rows = stored_rows(results)
    if finding := mixed_versions(rows, "method"):
        print(f"usbench: careful: {finding}", file=sys.stderr)
    metrics = registry.working("metrics")
    timing, taken = (Store(results).read(lane=lane) for lane in ("timing", LANE))
    ordinary, studied = split_off(rows)
    entries = summarise(ordinary, current_timing(timing, results), metrics)
    studies = summarise(studied, pd.DataFrame(), metrics)
    speeds = current_speeds(taken)
    trained = trainings(weights_cards(), speeds)
    written = write_tables(entries, speeds, _notes(), out, studies, trained)
    cards = dataset_cards(ordinary["dataset"].unique())
    pictures = read_pictures(results)
    data = payload(entries, boards(ordinary, metrics), method_cards(), cards, pictures, speeds, studies, trained)
    written.append(write_page(data, out))
    for lane, found in (("units", rows), ("timing", timing), (LANE, taken)):
        if len(found):
            written.append(publish(found, out / FILES[lane]))
    if not quiet:
        print(f"Wrote {', '.join(path.name for path in written)} to {out}.")
    return written


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


def _notes() -> dict[str, str]:
    """Return what stands below the boards of a method: a licence that is not for every use, a time limit of its own."""
    notes = {}
    for name, method in registry.working("methods").items():
        licence, seconds = method.card.licence, seconds_for(method, None)
        said = [licence] if "commercial" in licence.lower() else []
        if seconds != SECONDS_PER_IMAGE:
            said += [f"has a time limit of its own, {seconds:,g} s an image where others have {SECONDS_PER_IMAGE:g}"]
        if said:
            notes[name] = "; ".join(said)
    return notes
