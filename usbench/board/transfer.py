"""The transfer board: networks that were trained on one simulator each, tested on all of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from usbench.board.scores import CONTROLS, INPUT
from usbench.board.wording import Entry, base_name, number
from usbench.core.specifiers import parse_name, split_product

TRAINED_ON = "simulator"  # the parameter of a method that names what it was trained on
SHOWN = ("psnr_affine", "ssim")


@dataclass(frozen=True)
class Gain:
    """What one network gains on one data set.

    Attributes
    ----------
    entry
        Of the network there, by the metric of the table.
    gain
        Its mean less that of the untouched input.
    kept
        That gain over the one of the network which was trained on this set's simulator; None where there is none, or
        where the interval of that one reaches down to the untouched mean: a share of so little says nothing.
    own
        Whether it is that network.
    """

    entry: Entry
    gain: float
    kept: float | None
    own: bool


@dataclass(frozen=True)
class Transfer:
    """A table of one network by one metric.

    Attributes
    ----------
    method, metric, unit
        The network's name, and what is in the cells.
    trained, datasets
        Simulators that it was trained on, and the sets that it was tested on: rows and columns. They come in the same
        order, so that own simulators are on the diagonal.
    untouched
        The means of the input, by data set.
    gains
        By simulator and data set.
    """

    method: str
    metric: str
    unit: str
    trained: tuple[str, ...]
    datasets: tuple[str, ...]
    untouched: Mapping[str, float]
    gains: Mapping[tuple[str, str], Gain]

    def kept_elsewhere(self, trained: str) -> float | None:
        """Return the mean share of the own networks' gains that this one reaches on the other sets."""
        shares = [
            gain.kept
            for (simulator, _), gain in self.gains.items()
            if simulator == trained and not gain.own and gain.kept is not None
        ]
        return sum(shares) / len(shares) if shares else None


def split_off(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of ordinary boards, and those of the transfer board.

    The latter are the methods with a parameter `simulator`, and the controls on the same sets. Sets on which nothing
    else was run are no boards of their own.
    """
    if not len(rows):
        return rows, rows
    studied = (
        rows["params"].map({text: TRAINED_ON in json.loads(text) for text in rows["params"].unique()}).astype(bool)
    )
    control = rows["method"].map({name: base_name(name) in CONTROLS for name in rows["method"].unique()}).astype(bool)
    with_studies = rows["dataset"].isin(rows.loc[studied, "dataset"].unique())
    competed = rows["dataset"].isin(rows.loc[~studied & ~control, "dataset"].unique())
    return rows[~studied & (competed | ~with_studies)], rows[studied | (control & with_studies)]


def transfers(entries: Sequence[Entry]) -> list[Transfer]:
    """Return a table per network and metric, from the entries of the transfer board's rows."""
    networks = sorted({base_name(entry["method"]) for entry in entries if TRAINED_ON in entry["params"]})
    tables = [_transfer(entries, name, metric) for name in networks for metric in SHOWN]
    return [table for table in tables if table is not None]


def _transfer(entries: Sequence[Entry], method: str, metric: str) -> Transfer | None:
    here = [entry for entry in entries if entry["metric"] == metric and entry["mean"] is not None]
    untouched = {entry["dataset"]: entry["mean"] for entry in here if entry["method"] == INPUT}
    cells = {
        (str(entry["params"][TRAINED_ON]), str(entry["dataset"])): entry
        for entry in here
        if base_name(entry["method"]) == method and TRAINED_ON in entry["params"] and entry["dataset"] in untouched
    }
    if not cells:
        return None
    trained = sorted({simulator for simulator, _ in cells})
    datasets = sorted({dataset for _, dataset in cells}, key=lambda label: (_order(label, trained), label))
    return Transfer(
        method,
        metric,
        next(iter(cells.values()))["unit"],
        tuple(trained),
        tuple(datasets),
        {dataset: untouched[dataset] for dataset in datasets},
        {place: _gain(cells, place, untouched) for place in cells},
    )


def _order(dataset: str, trained: Sequence[str]) -> int:
    simulator = simulator_of(dataset)
    return trained.index(simulator) if simulator in trained else len(trained)


def _gain(cells: Mapping[tuple[str, str], Entry], place: tuple[str, str], untouched: Mapping[str, float]) -> Gain:
    simulator, dataset = place
    gain = cells[place]["mean"] - untouched[dataset]
    specialist = cells.get((simulator_of(dataset), dataset))
    kept = None
    if specialist and _lowest(specialist) > untouched[dataset]:
        kept = gain / (specialist["mean"] - untouched[dataset])
    return Gain(cells[place], gain, kept, simulator == simulator_of(dataset))


def _lowest(entry: Entry) -> float:
    return entry["mean"] if entry["ci_low"] is None else entry["ci_low"]


def simulator_of(dataset: str) -> str:
    """Return the name of a data set's simulator; empty for a set that is no product."""
    _, *simulator = split_product(dataset)
    return parse_name(simulator[0])[0] if simulator else ""


def percent(share: float | None) -> str:
    """Return `83 %`, or a dash."""
    return "–" if share is None else f"{number(100 * share, 2 if abs(share) < 1 else 3)} %"
