"""The transfer board: networks that were each trained on one simulator and tested on all of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from usbench.board.controls import INPUT, base_name, is_control
from usbench.board.in_distribution import TRAINED_BY
from usbench.board.summary import BoardSummary, Cell
from usbench.board.wording import number
from usbench.core.specifiers import parse_name, split_product

SHOWN = ("psnr_affine", "ssim")

Place = tuple[str, str]  # simulator that a network was trained on, data set that it was tested on


@dataclass(frozen=True)
class Gain:
    """What one network gains on one data set.

    Attributes
    ----------
    cell
        Of the network there, on the metric of the table.
    gain
        Its mean less that of the untouched input.
    kept
        That gain as a share of the gain of the network which was trained on this set's simulator. None where there is
        no such network, or where its interval includes the untouched mean: a share of so little says nothing.
    own
        Whether it is that network.
    """

    cell: Cell
    gain: float
    kept: float | None
    own: bool


@dataclass(frozen=True)
class Transfer:
    """One network on one metric.

    Attributes
    ----------
    method, metric, unit
        The network's name, and what the cells hold.
    trained, datasets
        Simulators that it was trained on, and sets that it was tested on: rows and columns, in the same order, so that
        own simulators are on the diagonal.
    untouched
        Means of the input, by data set.
    gains
        By simulator and data set.
    """

    method: str
    metric: str
    unit: str
    trained: tuple[str, ...]
    datasets: tuple[str, ...]
    untouched: Mapping[str, float]
    gains: Mapping[Place, Gain]

    def kept_elsewhere(self, trained: str) -> float | None:
        """Return the mean share of the gain that is kept on the sets of other simulators; None if there is none."""
        shares = [
            gain.kept
            for (simulator, _), gain in self.gains.items()
            if simulator == trained and not gain.own and gain.kept is not None
        ]
        return sum(shares) / len(shares) if shares else None


def split_off(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of ordinary boards, and those of the transfer board.

    Rows of the transfer board are those of methods with a parameter `simulator`, and of the controls on the same sets.
    Sets on which nothing else was run have no ordinary board.
    """
    if not len(rows):
        return rows, rows
    studied = (
        rows["params"].map({text: TRAINED_BY in json.loads(text) for text in rows["params"].unique()}).astype(bool)
    )
    control = rows["method"].map({name: is_control(name) for name in rows["method"].unique()}).astype(bool)
    with_studies = rows["dataset"].isin(rows.loc[studied, "dataset"].unique())
    competed = rows["dataset"].isin(rows.loc[~studied & ~control, "dataset"].unique())
    return rows[~studied & (competed | ~with_studies)], rows[studied | (control & with_studies)]


def transfers(boards: Sequence[BoardSummary]) -> list[Transfer]:
    """Return a table per network and metric, from the boards of the transfer board's rows."""
    lines = (line for board in boards for line in board.lines)
    networks = sorted({base_name(line.method) for line in lines if TRAINED_BY in line.params})
    tables = [_transfer(boards, name, metric) for name in networks for metric in SHOWN]
    return [table for table in tables if table is not None]


def _transfer(boards: Sequence[BoardSummary], method: str, metric: str) -> Transfer | None:
    untouched: dict[str, float] = {}
    cells: dict[Place, Cell] = {}
    means: dict[Place, float] = {}
    for board in boards:
        for line in board.listed:
            cell = line.cells.get(metric)
            if cell is None or cell.mean is None:
                continue
            if line.method == INPUT:
                untouched[board.dataset] = cell.mean
            elif base_name(line.method) == method and TRAINED_BY in line.params:
                place = str(line.params[TRAINED_BY]), board.dataset
                cells[place], means[place] = cell, cell.mean
    cells = {place: cell for place, cell in cells.items() if place[1] in untouched}
    if not cells:
        return None
    trained = sorted({simulator for simulator, _ in cells})
    datasets = sorted({dataset for _, dataset in cells}, key=lambda label: (_order(label, trained), label))
    return Transfer(
        method,
        metric,
        next(column.unit for board in boards for column in board.columns if column.name == metric),
        tuple(trained),
        tuple(datasets),
        {dataset: untouched[dataset] for dataset in datasets},
        {place: _gain(cells, means, place, untouched) for place in cells},
    )


def _order(dataset: str, trained: Sequence[str]) -> int:
    simulator = simulator_of(dataset)
    return trained.index(simulator) if simulator in trained else len(trained)


def _gain(
    cells: Mapping[Place, Cell], means: Mapping[Place, float], place: Place, untouched: Mapping[str, float]
) -> Gain:
    dataset = place[1]
    specialist, before = (simulator_of(dataset), dataset), untouched[dataset]
    gain, kept = means[place] - before, None
    if specialist in cells:
        low = cells[specialist].ci_low
        if (means[specialist] if low is None else low) > before:
            kept = gain / (means[specialist] - before)
    return Gain(cells[place], gain, kept, place == specialist)


def simulator_of(dataset: str) -> str:
    """Return the name of a data set's simulator; empty for a set that is no product."""
    _, *simulator = split_product(dataset)
    return parse_name(simulator[0])[0] if simulator else ""


def percent(share: float | None) -> str:
    """Return `83 %`, or a dash."""
    return "–" if share is None else f"{number(100 * share, 2 if abs(share) < 1 else 3)} %"
