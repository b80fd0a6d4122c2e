"""Leaderboards as Markdown and CSV: simulated, real and speed are boards of their own."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from usbench.errors import StoreError

Entry = Mapping[str, Any]

ARROWS = {"higher": "↑", "lower": "↓", "one": "→ 1"}
QUALITY_FIELDS = (
    "dataset", "split", "method", "params", "tuning", "metric", "unit", "better", "mean", "ci_low", "ci_high", "n",
    "failed", "skipped",
)  # fmt: skip
SPEED_FIELDS = (
    "dataset", "split", "method", "params", "median", "iqr", "mean", "n", "failed", "hardware", "threads", "device",
)  # fmt: skip
ORDER = ("psnr", "psnr_affine", "ssim", "mae", "gcnr", "cnr", "ssi", "enl", "ssnr", "epi_beta", "epi_ratio")
# Whoever wants these finds them in the CSV; beside the others a table would be too wide to read.
CSV_ONLY = frozenset(
    {
        "psnr_matched", "gmsd", "fom", "cnr_db", "contrast_db", "usdsai", "smpi", "rayleigh_ks", "edge_width",
        "ratio_variance", "residual_axial", "residual_lateral", "wire_axial", "wire_lateral", "epi_ratio", "ssnr",
        "ms_ssim", "fsim", "haarpsi", "vif", "lpips", "gcnr_null",
    }
)  # fmt: skip
CONTROLS = ("identity", "constant")


def write_tables(entries: Sequence[Entry], notes: Mapping[str, str], folder: Path) -> list[Path]:
    """Write `simulated`, `real` and `speed`, each as .md and .csv, and return the files.

    The same entries give the same bytes.

    Parameters
    ----------
    entries
        As `summarise` returns them.
    notes
        What to say beside a method's name: a licence that forbids commercial use, say.
    folder
        Made if it does not exist.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    quality = [entry for entry in entries if entry["metric"] != "latency_ms"]
    speed = [entry for entry in entries if entry["metric"] == "latency_ms"]
    texts = {}
    for kind in ("simulated", "real"):
        chosen = [entry for entry in quality if entry["kind"] == kind]
        texts[f"{kind}.md"] = _quality_markdown(kind, chosen, notes)
        texts[f"{kind}.csv"] = _csv(chosen, QUALITY_FIELDS)
    texts["speed.md"] = _speed_markdown(speed, notes)
    texts["speed.csv"] = _csv(speed, SPEED_FIELDS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StoreError(f"The leaderboards cannot be written to {folder}: {error.strerror or error}.") from None
    return [folder / name for name in texts]


def number(value: float | None, digits: int = 4) -> str:
    """Return a number in the digits that a table has room for, or a dash."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞"
    return f"{value:.{max(0, digits - 1 - _magnitude(value))}f}"


def _magnitude(value: float) -> int:
    return 0 if abs(value) < 1 else math.floor(math.log10(abs(value)))


def _quality_markdown(kind: str, entries: Sequence[Entry], notes: Mapping[str, str]) -> str:
    intro = {
        "simulated": "Clean images with simulated speckle: the reference is known.",
        "real": "Real B-mode images: there is no reference, only contrast and speckle statistics in fixed regions.",
    }[kind]
    lines = [
        f"# {kind.capitalize()} B-mode",
        "",
        intro,
        "Means over images; in brackets the 95 % bootstrap interval over",
    ]
    lines[-1] += " groups (pictures, slices, patients), where there is more than one group. Controls are in italics."
    for (dataset, split), group in _grouped(entries, "dataset", "split"):
        metrics = sorted({entry["metric"] for entry in group if entry["n"]} - CSV_ONLY, key=_column)
        headers = {entry["metric"]: _header(entry) for entry in group}
        images = max(entry["n"] + entry["failed"] + entry["skipped"] for entry in group)
        lines += ["", f"## {dataset} ({split}, {images} images)", ""]
        lines += _row(["method", *(headers[metric] for metric in metrics)])
        lines += _row(["---", *("---:" for _ in metrics)])
        for (method, tuning), cells in _ranked(group, metrics):
            by_metric = {entry["metric"]: entry for entry in cells}
            lines += _row(
                [_name(method, notes) + _how_tuned(tuning), *(_cell(by_metric.get(metric)) for metric in metrics)]
            )
    lines += _footnotes(entries, notes)
    return "\n".join(lines) + "\n"


def _speed_markdown(entries: Sequence[Entry], notes: Mapping[str, str]) -> str:
    lines = [
        "# Speed",
        "",
        "Milliseconds for one image, median and interquartile range of repeated calls in a process of",
    ]
    lines[-1] += " its own. Times of different hardware stand in different tables and are not compared."
    for (hardware, threads, device), group in _grouped(entries, "hardware", "threads", "device"):
        datasets = list(dict.fromkeys(entry["dataset"] for entry in group))
        lines += ["", f"## {hardware}, {device}, {threads} threads", ""]
        lines += _row(["method", *(f"{dataset}, ms ↓" for dataset in datasets)])
        lines += _row(["---", *("---:" for _ in datasets)])
        for (method,), cells in _fastest_first(group):
            times = {entry["dataset"]: f"{number(entry['median'], 3)} ± {number(entry['iqr'], 2)}" for entry in cells}
            lines += _row([_name(method, notes), *(times.get(dataset, "–") for dataset in datasets)])
    lines += _footnotes(entries, notes)
    return "\n".join(lines) + "\n"


def _ranked(group: Sequence[Entry], metrics: Sequence[str]) -> list[tuple[tuple, list[Entry]]]:
    """Return the methods by their mean of the board's first metric, best first."""
    first = {}
    if metrics:
        first = {(entry["method"], entry["tuning"]): entry for entry in group if entry["metric"] == metrics[0]}

    def place(item: tuple[tuple, list[Entry]]) -> float:
        entry = first.get(item[0])
        if entry is None or entry["mean"] is None:
            return math.inf
        return {"higher": -entry["mean"], "lower": entry["mean"], "one": abs(entry["mean"] - 1)}[entry["better"]]

    return sorted(_grouped(group, "method", "tuning"), key=place)


def _fastest_first(group: Sequence[Entry]) -> list[tuple[tuple, list[Entry]]]:
    return sorted(_grouped(group, "method"), key=lambda item: min(entry["median"] or math.inf for entry in item[1]))


def _grouped(entries: Iterable[Entry], *fields: str) -> list[tuple[tuple, list[Entry]]]:
    groups: dict[tuple, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(tuple(entry[field] for field in fields), []).append(entry)
    return sorted(groups.items(), key=lambda item: tuple(map(str, item[0])))


def _column(metric: str) -> tuple[int, str]:
    """Return the place of a metric's column: ours in the order of `ORDER`, then others by name."""
    return (ORDER.index(metric) if metric in ORDER else len(ORDER), metric)


def _header(entry: Entry) -> str:
    unit = f", {entry['unit']}" if entry["unit"] else ""
    return f"{entry['metric']}{unit} {ARROWS[entry['better']]}"


def _cell(entry: Entry | None) -> str:
    if entry is None or not entry["n"]:
        return "failed" if entry is not None and entry["failed"] else "–"
    interval = f" [{number(entry['ci_low'])}, {number(entry['ci_high'])}]" if entry["ci_low"] is not None else ""
    lost = f" ({entry['failed']} failed)" if entry["failed"] else ""
    return number(entry["mean"]) + interval + lost


def _name(method: str, notes: Mapping[str, str]) -> str:
    shown = f"*{method}*" if method.partition("[")[0] in CONTROLS else method
    return shown + (" †" if method.partition("[")[0] in notes else "")


def _how_tuned(tuning: str) -> str:
    """Return ` (tuned: ssim, 40 trials on 8 val images)`, or nothing for a setting that was not searched."""
    if not tuning:
        return ""
    about = json.loads(tuning)
    return f" (tuned: {about['metric']}, {about['trials']} trials on {about['images']} {about['split']} images)"


def _footnotes(entries: Iterable[Entry], notes: Mapping[str, str]) -> list[str]:
    present = sorted({entry["method"].partition("[")[0] for entry in entries} & set(notes))
    return [line for name in present for line in ("", f"† {name}: {notes[name]}")]


def _row(cells: Sequence[str]) -> list[str]:
    return ["| " + " | ".join(cells) + " |"]


def _csv(entries: Sequence[Entry], fields: Sequence[str]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fields, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    ordered = sorted(
        entries,
        key=lambda entry: [
            str(entry[field]) for field in ("dataset", "split", "method", "tuning", "metric") if field in entry
        ],
    )
    for entry in ordered:
        flat = {field: entry.get(field) for field in fields}
        writer.writerow(flat | {"params": json.dumps(entry["params"], sort_keys=True)})
    return stream.getvalue()
