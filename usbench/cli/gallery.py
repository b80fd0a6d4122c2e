"""`usbench gallery`: pictures for the page of the leaderboards."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from usbench import registry
from usbench.cli.leaderboards import Results, stored_rows


def gallery(
    results: Results = Path("results"),
    dataset: Annotated[list[str] | None, typer.Option("--dataset", "-d", help="Default: all with rows.")] = None,
    samples: Annotated[int, typer.Option(min=1, help="How many of each data set.")] = 1,
) -> None:
    """Make pictures of a sample of each data set by every method with rows, for the page of the leaderboards.

    Data sets whose licence does not allow it are left out. `usbench tables` then adds the pictures to its page.
    """
    from usbench.board.rows import loadable_name
    from usbench.figures.gallery import make_gallery, may_be_shown

    rows = stored_rows(results)
    for names, here in rows.groupby(["dataset", "split"], sort=True, observed=True):
        label, split = map(str, names)
        if dataset and label not in dataset:
            continue
        loaded = registry.load_dataset(label, split=split)
        if not may_be_shown(loaded):
            print(f"{label}: its licence ({loaded.card.licence}) does not allow redistribution of pictures.")
            continue
        methods = {name: partial(registry.load_method, loadable_name(here, name)) for name in here["method"].unique()}
        ids, known = list(loaded.ids()), set(here["sample"])
        indices = [number for number, sample in enumerate(ids) if sample in known][:samples]
        for target in make_gallery(methods, loaded, indices, results, lambda said: print(said, file=sys.stderr)):
            print(f"Wrote {target}.")
