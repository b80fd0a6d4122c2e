"""`usbench time`: measure the speed of methods on this machine."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench.cli.catalogue import JsonOption
from usbench.cli.options import MOST_SECONDS, finite

if TYPE_CHECKING:
    import pandas as pd


def time(
    method: Annotated[
        list[str] | None, typer.Option("--method", "-m", help="Name, or name[parameter=value]. Default: every method.")
    ] = None,
    size: Annotated[
        list[int] | None, typer.Option(min=8, max=8192, help="Side of the image in pixels; repeatable.")
    ] = None,
    batch: Annotated[int, typer.Option(min=2, max=1024, help="Images per call, for the throughput.")] = 8,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "cpu",
    time_limit: Annotated[
        float,
        typer.Option(min=1, max=MOST_SECONDS, callback=finite, help="Seconds for all measurements of a method."),
    ] = 900.0,
    results: Annotated[Path, typer.Option(help="Where rows are stored; stored ones are not measured again.")] = Path(
        "results"
    ),
    as_json: JsonOption = False,
) -> int:
    """Time methods one after the other: latency by size, throughput, memory, preparation time.

    Do not use the machine meanwhile. `usbench tables` then writes the speed board.
    """
    from usbench.bench.speed import Protocol, measure_speeds
    from usbench.bench.store import SPEED, Store
    from usbench.board.speed import current_speeds
    from usbench.cli.run import available_methods
    from usbench.evaluation.devices import resolve_device

    protocol = Protocol(
        sizes=tuple(sorted(set(size or Protocol.sizes))),
        batches=(batch,),
        device=resolve_device(device),
        limit=time_limit,
    )
    store = Store(results)
    store.check_writable()
    chosen = list(method) if method else available_methods()
    keys = measure_speeds(
        chosen, protocol, store, lambda name, at, of: print(f"{at + 1} of {of}: {name}", file=sys.stderr)
    )
    rows = current_speeds(store.read(keys, SPEED))
    if as_json:
        print(rows.to_json(orient="records"))
    else:
        _report(rows)
    return 0 if (rows["status"] == "ok").groupby(rows["method"]).any().all() else 1


def _report(rows: "pd.DataFrame") -> None:
    for row in json.loads(rows.to_json(orient="records")):
        what = f"{row['batch']} x {row['size']}²" if (row.get("batch") or 1) > 1 else f"{row.get('size')}²"
        if row["status"] != "ok":
            size = f" {what:>10s}" if row.get("size") else ""
            print(f"{row['method']:32s}{size} failed: {row['reason']}")
            continue
        figure = f"{row['median_ms']:10.3f} ms ± {row['iqr_ms']:.3f}  {row['images_per_s']:8.1f} images/s"
        print(f"{row['method']:32s} {what:>10s} {figure}{'  (busy machine)' if row['busy'] else ''}")
