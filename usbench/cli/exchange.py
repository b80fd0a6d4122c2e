"""`usbench export-inputs` and `usbench score`: results that another program made."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.cli.leaderboards import Results

if TYPE_CHECKING:
    from usbench.bench.exchange import Told

SHOWN = 10  # reasons and names that are printed


def export_inputs(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    dataset: Annotated[list[str], typer.Option("--dataset", "-d", help="Name, source+simulator, or folder:PATH.")],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="No more than this many images of a set.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the noisy inputs of data sets as 16-bit PNG with a manifest, for a program that is not run here.

    `usbench score` judges the pictures that the program makes of them.
    """
    from usbench.bench.exchange import MANIFEST
    from usbench.bench.exchange import export_inputs as export

    count = export(dataset, folder, split=split, limit=limit)
    if as_json:
        print(json.dumps({"folder": str(folder), "pictures": count, "manifest": str(folder / MANIFEST)}))
    else:
        print(f"Wrote {count} pictures and {MANIFEST} to {folder}.")


def score(
    folder: Annotated[Path, typer.Argument(help="A folder with pictures of the names of the inputs.")],
    name: Annotated[str, typer.Option("--name", help="Of the method in the rows.")],
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="The folder that `export-inputs` wrote, if FOLDER has no manifest.")
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", "-d", help="Default: the registered sets of the manifest.")
    ] = None,
    trained_on: Annotated[
        list[str] | None, typer.Option("--trained-on", help="A data set that the method was trained on; repeatable.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Name, or all. Default: not the slow ones.")
    ] = None,
    results: Results = Path("results"),
    as_json: JsonOption = False,
) -> int:
    """Judge pictures that another program made of exported inputs, and store the rows as those of any method."""
    from usbench.bench.exchange import score as score_pictures
    from usbench.bench.store import Store
    from usbench.cli.run import metric_names

    metrics = [registry.load_metric(found) for found in metric_names(metric)]
    keys, rows, told = score_pictures(
        folder, name, Store(results), metrics, inputs=inputs, datasets=dataset or (), trained_on=trained_on or ()
    )
    failed = [row for row in rows if row["status"] == "failed"]
    if as_json:
        print(json.dumps(_plain(name, rows, told) | {"units": keys}))
    else:
        _say(failed, told)
        print(f"{len(rows) - len(failed)} of {len(rows)} images of {name} are judged; rows are in {results}.")
    return 1 if failed else 0


def _say(failed: list[dict[str, Any]], told: "Told") -> None:
    for sentence in told.notes:
        print(f"Note: {sentence}.", file=sys.stderr)
    for row in failed[:SHOWN]:
        print(row["reason"], file=sys.stderr)
    if len(failed) > SHOWN:
        print(f"And {len(failed) - SHOWN} more.", file=sys.stderr)
    if told.unknown:
        some = ", ".join(told.unknown[:SHOWN])
        print(f"{len(told.unknown)} pictures have the name of no input: {some}.", file=sys.stderr)


def _plain(name: str, rows: list[dict[str, Any]], told: "Told") -> dict[str, Any]:
    failed = {f"{row['dataset']} {row['sample']}": row["reason"] for row in rows if row["status"] == "failed"}
    return {"method": name, "images": len(rows), "failed": failed, "unknown": told.unknown, "notes": told.notes}
