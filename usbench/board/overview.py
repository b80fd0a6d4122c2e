"""Every data set at a glance: the place of each method on each, and its mean place."""

from collections.abc import Iterable
from dataclasses import dataclass

from usbench.board.mean_ranks import critical_difference
from usbench.board.summary import BoardSummary
from usbench.board.wording import base_name


@dataclass(frozen=True)
class Overview:
    """The places of methods on the data sets of one kind.

    Attributes
    ----------
    datasets
        Their names.
    metrics
        The metric that orders each.
    lines
        (method, flags, mean place, place on each data set), best first. Tuned settings of a method are one line, since
        they differ between sets. Places are ranks among the methods that ran on every set; flags are those raised on
        any.
    critical_difference
        By how much two mean places must differ at 5 % (Nemenyi over data sets, each one observation).
    left_out
        Methods that did not run on every set.
    """

    datasets: tuple[str, ...]
    metrics: tuple[str, ...]
    lines: tuple[tuple[str, str, float, tuple[int, ...]], ...]
    critical_difference: float
    left_out: tuple[str, ...]


def overview(boards: Iterable[BoardSummary]) -> Overview | None:
    """Return the overview of boards of one kind; None with fewer than two that have values.

    Only places are averaged: decibels of one set and contrasts of another have no mean.
    """
    places: dict[str, dict[str, int]] = {}
    flags: dict[str, set[str]] = {}
    metrics: dict[str, str] = {}
    for board in boards:
        if board.first is None:
            continue
        label = f"{board.dataset} ({board.split})"
        metrics[label] = board.first.name
        for line in board.listed:
            if cell := line.cells.get(board.first.name):
                name = f"{base_name(line.method)} (tuned)" if line.tuning else line.method
                places.setdefault(name, {})[label] = cell.place
                flags.setdefault(name, set()).update(line.flags)
    if len(metrics) < 2:
        return None
    everywhere = {name: found for name, found in places.items() if len(found) == len(metrics)}
    ranks = {label: sorted(found[label] for found in everywhere.values()) for label in metrics}
    lines = []
    for name, found in everywhere.items():
        own = tuple(ranks[label].index(found[label]) + 1 for label in metrics)
        lines.append((name, "".join(sorted(flags[name])), sum(own) / len(own), own))
    return Overview(
        tuple(metrics),
        tuple(metrics.values()),
        tuple(sorted(lines, key=lambda line: (line[2], line[0]))),
        critical_difference(len(lines), len(metrics)),
        tuple(sorted(set(places) - set(everywhere))),
    )
