"""Every data set at a glance: in which place a method stands on each, and its mean place."""

from collections.abc import Sequence
from dataclasses import dataclass

from usbench.board.mean_ranks import critical_difference
from usbench.board.wording import Entry, base_name, columns, grouped


@dataclass(frozen=True)
class Overview:
    """The places of methods on the data sets of one kind.

    Attributes
    ----------
    datasets
        Their names.
    metrics
        By what each is ordered.
    lines
        (method, flags, mean place, place on each data set), best first. Tuned settings of a method are one line, since
        they differ from set to set. Numbers are ranks among the methods that ran on every set; flags are those raised
        on any.
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


def overview(entries: Sequence[Entry]) -> Overview | None:
    """Return the overview of the entries of one kind; None with fewer than two data sets that have values.

    Nothing is averaged but places: decibels of one set and contrasts of another have no mean.
    """
    places: dict[str, dict[str, int]] = {}
    flags: dict[str, set[str]] = {}
    metrics: dict[str, str] = {}
    for (dataset, split), group in grouped(entries, "dataset", "split"):
        if not columns(group):
            continue
        label = f"{dataset} ({split})"
        metrics[label] = columns(group)[0]
        for entry in group:
            if entry["metric"] == metrics[label]:
                name = f"{base_name(entry['method'])} (tuned)" if entry["tuning"] else entry["method"]
                places.setdefault(name, {})[label] = entry["place"]
                flags.setdefault(name, set()).update(entry["flags"])
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
