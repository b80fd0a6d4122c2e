"""Leaderboards in Markdown."""

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from usbench.board.flags import legend
from usbench.board.overview import overview
from usbench.board.speed import MACHINE, speed_table
from usbench.board.wording import (
    INTROS,
    Entry,
    about_ranks,
    base_name,
    by_place,
    columns,
    grouped,
    header,
    how_tuned,
    image_count,
    inapplicable,
    interval,
    is_control,
    lost,
    number,
    table_row,
)

HOW_TO_READ = (
    "Means over images; in brackets the 95 % bootstrap interval over groups (pictures, slices, patients), where there "
    "is more than one. **Bold** is the best mean; ≈ cannot be told apart from it (paired Wilcoxon on group means, "
    "corrected for all methods at 5 %). `rank` is the mean rank over groups by the first metric; `wins` the share of "
    "groups in which the method is better than the untouched input. Images that failed, were not run, or to which a "
    "metric does not apply (n/a) are counted beside the mean, and a method that lacks one stands below those that do "
    "not. Controls are in italics and do not compete."
)

LOOK_TWICE = (
    "A flag says: look at the images before you believe the numbers. On real boards, where no reference speaks against "
    "it, an oversmoothed method stands below the others and cannot be best."
)

SPEEDS = (
    "Taken by pytest-benchmark, each method in a process of its own on all cores, warmed up: milliseconds for one "
    "image, median ± interquartile range, by the image's side; images a second where several are given at once; memory "
    "that a call takes beyond what was held before; seconds to get ready, in a process that is new; trained "
    "parameters, and multiply-adds. Ordered at the size that most methods were timed at. Machines are not compared "
    "with one another. ~ marks a figure that scatters by more than 8 %, or was taken while others used the processor."
)


def quality_markdown(kind: str, entries: Sequence[Entry], notes: Mapping[str, str]) -> str:
    """Return the page of the simulated or the real boards, a table per data set."""
    lines = [f"# {kind.capitalize()} B-mode", "", INTROS[kind], "", HOW_TO_READ]
    lines += _overview(entries, notes)
    for (dataset, split), group in grouped(entries, "dataset", "split"):
        lines += _board(dataset, split, group, notes)
    if entries:
        lines += ["", "## Flags", "", LOOK_TWICE, "", *(f"- {sentence}" for sentence in legend())]
    lines += _footnotes((entry["method"] for entry in entries), notes)
    return "\n".join(lines) + "\n"


def speed_markdown(speeds: pd.DataFrame, notes: Mapping[str, str]) -> str:
    """Return the page of speeds, as `current_speeds` gives them, a table per machine."""
    lines = ["# Speed", "", SPEEDS]
    for machine, group in speeds.groupby(MACHINE, sort=True) if len(speeds) else ():
        hardware, device, threads = machine
        table = speed_table(group)
        lines += ["", f"## {hardware}, {device}, {threads} threads", ""]
        lines += [table_row(["method", *table.heads])]
        lines += [table_row(["---", *("---:" for _ in table.heads)])]
        for method, cells in table.lines:
            lines += [table_row([_name(method, notes), *(text for text, _ in cells)])]
    lines += _footnotes(speeds["method"] if len(speeds) else (), notes)
    return "\n".join(lines) + "\n"


def latency_markdown(entries: Sequence[Entry], notes: Mapping[str, str]) -> str:
    """Return the latencies that runs took along with their quality, a table per machine."""
    lines = [
        "# Latency in the runs",
        "",
        "Milliseconds for the first image of a data set, median and interquartile range of repeated calls, in the",
    ]
    lines[-1] += " process in which a run times all its methods."
    for (hardware, threads, device), group in grouped(entries, "hardware", "threads", "device"):
        datasets = list(dict.fromkeys(entry["dataset"] for entry in group))
        lines += ["", f"## {hardware}, {device}, {threads} threads, in the runs", ""]
        lines += [table_row(["method", *(f"{dataset}, ms ↓" for dataset in datasets)])]
        lines += [table_row(["---", *("---:" for _ in datasets)])]
        for (method,), cells in _fastest_first(group):
            times = {entry["dataset"]: f"{number(entry['median'], 3)} ± {number(entry['iqr'], 2)}" for entry in cells}
            lines += [table_row([_name(method, notes), *(times.get(dataset, "–") for dataset in datasets)])]
    lines += _footnotes((entry["method"] for entry in entries), notes)
    return "\n".join(lines) + "\n"


def _overview(entries: Sequence[Entry], notes: Mapping[str, str]) -> list[str]:
    seen = overview(entries)
    if seen is None:
        return []
    difference = number(seen.critical_difference, 3)
    lines = [
        "",
        "## All data sets",
        "",
        f"Places on each data set, by {', '.join(sorted(set(seen.metrics)))}, and their mean. "
        f"With {len(seen.datasets)} data sets two means differ at 5 % if they are {difference} apart (Nemenyi). "
        "Flags are those raised on any.",
        "",
    ]
    lines += [table_row(["method", "flags", "mean place", *seen.datasets])]
    lines += [table_row(["---", "---", *("---:" for _ in range(1 + len(seen.datasets)))])]
    for method, flags, mean, places in seen.lines:
        lines += [table_row([_name(method, notes), flags, number(mean, 3), *map(str, places)])]
    if seen.left_out:
        lines += ["", f"Not run on every data set: {', '.join(seen.left_out)}."]
    return lines


def _board(dataset: str, split: str, group: Sequence[Entry], notes: Mapping[str, str]) -> list[str]:
    metrics = columns(group)
    settings = by_place(group, metrics)
    headers = {entry["metric"]: header(entry) for entry in group}
    images = image_count(group)
    lines = ["", f"## {dataset} ({split}, {images} images)", ""]
    if metrics:
        lines += [about_ranks(next(entry for entry in group if entry["metric"] == metrics[0]), len(settings)), ""]
    lines += [table_row(["method", "flags", *(headers[metric] for metric in metrics), "rank", "wins"])]
    lines += [table_row(["---", "---", *("---:" for _ in metrics), "---:", "---:"])]
    for (method, tuning), by_metric in settings:
        flags = next(iter(by_metric.values()))["flags"]
        first = by_metric.get(metrics[0]) if metrics else None
        cells = [_cell(by_metric.get(metric)) for metric in metrics]
        lines += [table_row([_name(method, notes) + how_tuned(tuning), flags, *cells, *_rank(first)])]
    if names := inapplicable(group):
        lines += ["", f"Apply to none of the images: {', '.join(names)}."]
    return lines


def _cell(entry: Entry | None) -> str:
    if entry is None or not entry["n"]:
        return "failed" if entry is not None and entry["failed"] else "–"
    mean = f"**{number(entry['mean'])}**" if entry["best"] else number(entry["mean"])
    return mean + interval(entry) + (" ≈" if entry["alike"] and not entry["best"] else "") + lost(entry)


def _rank(entry: Entry | None) -> list[str]:
    if entry is None:
        return ["–", "–"]
    wins = "–" if entry["wins"] is None or entry["method"] == "identity" else f"{entry['wins']:.0%}"
    return [number(entry["mean_rank"], 3), wins]


def _fastest_first(group: Sequence[Entry]) -> list[tuple[tuple, list[Entry]]]:
    return sorted(grouped(group, "method"), key=lambda item: min(entry["median"] or math.inf for entry in item[1]))


def _name(method: str, notes: Mapping[str, str]) -> str:
    shown = f"*{method}*" if is_control(method) else method
    return shown + (" †" if base_name(method) in notes else "")


def _footnotes(methods: Iterable[str], notes: Mapping[str, str]) -> list[str]:
    present = sorted({base_name(method) for method in methods} & set(notes))
    return [line for name in present for line in ("", f"† {name}: {notes[name]}")]
