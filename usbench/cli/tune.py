"""`usbench tune`: search a method's parameters on validation images."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from usbench.cli.catalogue import JsonOption
from usbench.cli.times import seconds_of


def tune(
    method: Annotated[str, typer.Argument(help="Name, name[fixed=value], or ./file.py.")],
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="A data set with a validation split.")],
    metric: Annotated[
        str, typer.Option(help="The objective. Default: the metric that orders the boards of such a set.")
    ] = "",
    trials: Annotated[
        int, typer.Option(min=1, max=100_000, help="Settings to try in each search, in all calls together.")
    ] = 40,
    images: Annotated[int, typer.Option(min=1, max=100_000, help="Validation images to try them on.")] = 8,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Independent searches; their spread is reported.")] = 3,
    max_time: Annotated[
        str | None,
        typer.Option(help="End the searches after this much work, such as 15m, in all calls. Default: no limit."),
    ] = None,
    split: Annotated[str, typer.Option(help="val is the only one allowed.")] = "val",
    results: Annotated[Path, typer.Option(help="Searches and results go to its subfolder tuning.")] = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Tune a method; `usbench run --tuned` then runs it with its defaults and with the tuned parameters.

    A stopped search resumes where it was.
    """
    from usbench.bench.tune import tune as search

    def progress(done: int, value: float, best: float) -> None:
        if not as_json:
            print(f"{done} of {seeds * trials} or more: {value:.4f}, best {best:.4f}", flush=True)

    tuned = search(
        method,
        dataset,
        results,
        metric_name=metric,
        split=split,
        trials=trials,
        images=images,
        seeds=seeds,
        seconds=seconds_of(max_time) if max_time else math.inf,
        progress=progress,
    )
    if as_json:
        print(json.dumps(asdict(tuned), sort_keys=True))
        return
    print(f"{tuned.metric} {tuned.default:.4f} at the defaults, {tuned.value:.4f} with {tuned.name}.")
    print(f"The best of {tuned.seeds} searches; they differ by {tuned.spread:g}.")
    if tuned.images < images:
        print(f"{tuned.dataset} has only {tuned.images} validation images; what suits so few may not suit others.")
    if tuned.at_edge:
        print(f"At an end of the space, although that was widened: {', '.join(tuned.at_edge)}.")
    print(f"`usbench run -m {method} -d '{dataset}' --tuned` runs both on the test split.")
