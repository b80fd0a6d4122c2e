"""Every data set at a glance: the place of each method on each, and its mean place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from usbench.board.controls import base_name
from usbench.board.mean_ranks import critical_difference
from usbench.board.summary import BoardSummary, Line


@dataclass(frozen=True)
class Overview:
    """The places of methods on the data sets of one kind.

    Attributes
    ----------
    datasets
        Names of the sets on whose source and simulator no method was trained.
    metrics
        The metric that orders each.
    lines
        (method, flags, mean place, place on each data set), best first. A method is one line, whichever of its settings
        is the candidate on a set. Places are ranks among the methods that have a place on every set; flags are those
        raised on any.
    critical_difference
        By how much two mean places must differ at 5 % (Nemenyi over data sets, each one observation).
    trained_on
        Names of the sets that are left out because a method was trained on their source or simulator.
    left_out
        Methods that did not run on every set.
    """

    datasets: tuple[str, ...]
    metrics: tuple[str, ...]
    lines: tuple[tuple[str, str, float, tuple[int, ...]], ...]
    critical_difference: float
    trained_on: tuple[str, ...]
    left_out: tuple[str, ...]


def overview(boards: Iterable[BoardSummary]) -> Overview | None:
    """Return the overview of boards of one kind; None with fewer than two that no method was trained on.

    Only places are averaged: decibels of one set and contrasts of another have no mean.
    """
    measured = [board for board in boards if board.first is not None]
    untrained = [board for board in measured if not _trained_on(board)]
    trained_on = tuple(_label(board) for board in measured if _trained_on(board))
    return _overview(untrained, trained_on) if len(untrained) > 1 else None


def _overview(boards: Sequence[BoardSummary], trained_on: tuple[str, ...]) -> Overview:
    metrics = {_label(board): board.first.name for board in boards if board.first}
    found: dict[str, dict[str, Line]] = {}
    for board in boards:
        for line in board.head:
            if metrics[_label(board)] in line.cells:
                key = line.method if line.role == "control" else base_name(line.method)
                found.setdefault(key, {})[_label(board)] = line
    places: dict[str, dict[str, int]] = {}
    flags: dict[str, str] = {}
    left_out: list[str] = []
    for own in found.values():
        name = _name(list(own.values()))
        placed = {label: place for label, line in own.items() if (place := line.cells[metrics[label]].place)}
        if len(placed) == len(metrics):
            places[name] = placed
            flags[name] = "".join(sorted({letter for line in own.values() for letter in line.flags}))
        else:
            left_out.append(name)
    ranks = {label: sorted(own[label] for own in places.values()) for label in metrics}
    lines = []
    for name, placed in places.items():
        own_ranks = tuple(ranks[label].index(placed[label]) + 1 for label in metrics)
        lines.append((name, flags[name], sum(own_ranks) / len(own_ranks), own_ranks))
    return Overview(
        tuple(metrics),
        tuple(metrics.values()),
        tuple(sorted(lines, key=lambda line: (line[2], line[0]))),
        critical_difference(len(lines), len(metrics)),
        trained_on,
        tuple(sorted(left_out)),
    )


def _name(lines: Sequence[Line]) -> str:
    """Return the name of a method by its lines on several boards: its label if that is one, else its base name."""
    labels, tuned = {line.method for line in lines}, all(line.tuning for line in lines)
    name = labels.pop() if len(labels) == 1 and not tuned else base_name(min(labels))
    return f"{name} (tuned)" if tuned else name


def _trained_on(board: BoardSummary) -> bool:
    return any(line.seen for line in board.head)


def _label(board: BoardSummary) -> str:
    return f"{board.dataset} ({board.split})"
