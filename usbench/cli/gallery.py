"""`usbench gallery`: pictures for the page of the leaderboards."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.leaderboards import Results, stored_rows
from usbench.core.errors import UsbenchError

if TYPE_CHECKING:
    import pandas as pd

    from usbench.core.method import Method


def gallery(
    results: Results = Path("results"),
    dataset: Annotated[list[str] | None, typer.Option("--dataset", "-d", help="Default: all with rows.")] = None,
    method: Annotated[
        list[str] | None,
        typer.Option("--method", "-m", help="Labels of the rows, or .py files. Default: the registered ones."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="How many of each data set.")] = 1,
) -> None:
    """Make pictures of a sample of each data set by every method with rows, for the page of the leaderboards.

    Data sets whose licence does not allow it are left out. `usbench tables` then adds the pictures to its page.
    """
    from usbench.bench.store import Store
    from usbench.figures.gallery import make_gallery, may_be_shown

    Store(results).refuse_links()
    rows = stored_rows(results)
    for names, here in rows.groupby(["dataset", "split"], sort=True, observed=True):
        label, split = map(str, names)
        if dataset and label not in dataset:
            continue
        load = registry.load_dataset if dataset else registry.registered_dataset
        try:
            loaded = load(label, split=split)
        except UsbenchError as error:
            print(f"{label} is left out: {error}", file=sys.stderr)
            continue
        if not may_be_shown(loaded):
            print(f"{label}: its licence ({loaded.card.licence}) does not allow redistribution of pictures.")
            continue
        ids, known = list(loaded.ids()), set(here["sample"])
        indices = [number for number, sample in enumerate(ids) if sample in known][:samples]
        methods = _methods(here, method)
        for target in make_gallery(methods, loaded, indices, results, lambda said: print(said, file=sys.stderr)):
            print(f"Wrote {target}.")


def _methods(rows: "pd.DataFrame", given: Sequence[str] | None) -> dict[str, Callable[[], "Method"]]:
    """Return how to load each method: what rows alone name has to be registered, see `usbench.core.untrusted`."""
    from usbench.board.rows import method_label

    if not given:
        return {label: partial(registry.registered_method, label) for label in rows["method"].unique()}
    labels = {name: method_label(rows, name) for name in given}
    return {
        label: partial(registry.method_of_file, name, label)
        if name.endswith(".py")
        else partial(registry.load_method, name)
        for name, label in labels.items()
    }
