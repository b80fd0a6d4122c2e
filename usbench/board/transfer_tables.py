"""The transfer board in Markdown, for the page, and as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from usbench.board.drawing import with_plain_texts
from usbench.board.in_distribution import SIMULATOR, SOURCE
from usbench.board.transfer import Transfer, percent, simulator_of
from usbench.board.wording import interval, mark, number, table_row, with_unit
from usbench.core.errors import StoreError

DOTS_PER_INCH = 150
INTRO = (
    "One network, trained on one simulator in each row and tested on one in each column, everything else being the "
    "same: what carries over? Means over images with the 95 % t interval over groups. Behind them stands the "
    "share of the gain over the untouched input that is left, where 100 % is the network which was trained on that "
    "simulator (in bold); less than nothing is worse than no filter. There is no share where the interval of that one "
    "reaches down to the untouched mean. The last column is the mean share on the others' sets."
)
MARKS = (
    f"{SOURCE}: the network was trained on other images of this source; {SIMULATOR}: on the speckle of this simulator."
)


def transfer_markdown(tables: Sequence[Transfer]) -> str:
    """Return the page of the transfer board, a table per network and metric."""
    lines = ["# Transfer between simulators", "", INTRO, "", MARKS]
    for table in tables:
        lines += ["", f"## {table.method}: {with_unit(table.metric, table.unit)}", ""]
        lines += [table_row(["trained on", *table.datasets, "kept elsewhere"])]
        lines += [table_row(["---", *("---:" for _ in table.datasets), "---:"])]
        lines += [table_row(["*untouched*", *(number(table.untouched[dataset]) for dataset in table.datasets), "–"])]
        for simulator in table.trained:
            cells = [_cell(table, simulator, dataset) for dataset in table.datasets]
            lines += [table_row([simulator, *cells, percent(table.kept_elsewhere(simulator))])]
    return "\n".join(lines) + "\n"


def transfer_payload(tables: Sequence[Transfer]) -> list[dict[str, Any]]:
    """Return the tables as JSON values; a cell is [mean, low, high, share kept, its own, mark].

    `its own` says whether the network was trained on this simulator; the mark is that of results in distribution.
    """
    return [
        {
            "method": table.method,
            "metric": table.metric,
            "unit": table.unit,
            "datasets": list(table.datasets),
            "untouched": [table.untouched[dataset] for dataset in table.datasets],
            "lines": [
                {
                    "trained": simulator,
                    "cells": [_plain(table, simulator, dataset) for dataset in table.datasets],
                    "kept": table.kept_elsewhere(simulator),
                }
                for simulator in table.trained
            ],
        }
        for table in tables
    ]


@with_plain_texts
def transfer_figure(tables: Sequence[Transfer], path: Path) -> bool:
    """Draw the shares that are kept, a panel per network and metric; return whether there was anything to draw.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    if not tables:
        return False
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * len(tables), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    for place, table in enumerate(tables):
        axes: Any = figure.add_subplot(1, len(tables), place + 1)
        _panel(axes, table)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
    except OSError as error:
        raise StoreError(f"The figure cannot be written to {path}: {error.strerror or error}.") from None
    return True


def _panel(axes: Any, table: Transfer) -> None:
    import numpy as np

    shares = np.array(
        [
            [_share(table, simulator, dataset) for dataset in table.datasets]
            for simulator in table.trained
        ]
    )  # fmt: skip
    axes.imshow(np.clip(shares, -1, 1), cmap="RdBu", vmin=-1, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        text = percent(None if np.isnan(share) else float(share))
        axes.text(
            column, row, text, ha="center", va="center", fontsize=8, color="white" if abs(share) > 0.6 else "black"
        )
    axes.set_xticks(range(len(table.datasets)), [simulator_of(label) or label for label in table.datasets], rotation=40)
    axes.set_yticks(range(len(table.trained)), table.trained)
    axes.set(xlabel="tested on", ylabel="trained on")
    axes.set_title(f"{table.method}: share of the gain in {table.metric}", loc="left", fontsize=10)


def _share(table: Transfer, simulator: str, dataset: str) -> float:
    gain = table.gains.get((simulator, dataset))
    return float("nan") if gain is None or gain.kept is None else gain.kept


def _cell(table: Transfer, simulator: str, dataset: str) -> str:
    gain = table.gains.get((simulator, dataset))
    if gain is None:
        return "–"
    mean = f"**{number(gain.cell.mean)}**" if gain.own else number(gain.cell.mean)
    return f"{mean}{mark(gain.cell)}{interval(gain.cell)} {percent(gain.kept)}"


def _plain(table: Transfer, simulator: str, dataset: str) -> list[Any] | None:
    gain = table.gains.get((simulator, dataset))
    if gain is None:
        return None
    return [gain.cell.mean, gain.cell.ci_low, gain.cell.ci_high, gain.kept, gain.own, gain.cell.seen.mark]
