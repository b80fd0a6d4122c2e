"""How numbers, metrics and methods are written in every kind of table."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from usbench.board.scores import CONTROLS
from usbench.core.errors import UsageError
from usbench.core.parameters import did_you_mean

Entry = Mapping[str, Any]

ARROWS = {"higher": "↑", "lower": "↓", "one": "→ 1"}
# A board is ordered by the first of these that it has. A flat image cannot win psnr_affine or gcnr, nor can a shift of
# brightness, both of which may raise psnr, ssim or ssi.
ORDER = ("psnr_affine", "psnr", "ssim", "gcnr", "cnr", "ssi", "enl", "epi_beta")
# Whoever wants these finds them in the CSV; beside the others a table would be too wide to read.
CSV_ONLY = frozenset(
    {
        "mae", "psnr_matched", "gmsd", "fom", "cnr_db", "contrast_db", "usdsai", "smpi", "rayleigh_ks", "edge_width",
        "ratio_mean", "ratio_variance", "ratio_structure", "residual_axial", "residual_lateral", "wire_axial",
        "wire_lateral", "epi_ratio", "ssnr", "ms_ssim", "fsim", "haarpsi", "vif", "lpips", "gcnr_null",
    }
)  # fmt: skip
INTROS = {
    "simulated": "Clean images with simulated speckle: the reference is known.",
    "real": "Real B-mode images: there is no reference, only contrast and speckle statistics in fixed regions.",
}


def number(value: float | None, digits: int = 4) -> str:
    """Return a number in the digits that a table has room for, or a dash."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:.{max(0, digits - 1 - _magnitude(value))}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def whole(value: float | None) -> str:
    """Return a count with commas, or a dash."""
    return "–" if value is None or math.isnan(value) else f"{int(value):,}"


def table_row(cells: Iterable[str]) -> str:
    """Return a line of a table in Markdown."""
    return "| " + " | ".join(cells) + " |"


def _magnitude(value: float) -> int:
    return 0 if abs(value) < 1 else math.floor(math.log10(abs(value)))


def header(entry: Entry) -> str:
    """Return `psnr, dB ↑`."""
    unit = f", {entry['unit']}" if entry["unit"] else ""
    return f"{entry['metric']}{unit} {ARROWS[entry['better']]}"


def interval(entry: Entry) -> str:
    """Return ` [22.9, 23.9]`, or nothing where there is no interval."""
    return "" if entry["ci_low"] is None else f" [{number(entry['ci_low'], 3)}, {number(entry['ci_high'], 3)}]"


def lost(entry: Entry) -> str:
    """Return ` (2 failed, 4 not run, 1 n/a)`, or nothing if every image has a value or none can have one."""
    counts = {"failed": entry["failed"], "not run": entry["absent"], "n/a": entry["skipped"]}
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f" ({told})" if told else ""


def how_tuned(tuning: str) -> str:
    """Return ` (tuned: ssim, 40 trials on 8 val images)`, or nothing for a setting that was not searched."""
    if not tuning:
        return ""
    about = json.loads(tuning)
    return f" (tuned: {about['metric']}, {about['trials']} trials on {about['images']} {about['split']} images)"


def is_control(method: str) -> bool:
    """Return whether a method stands in the tables without competing."""
    return base_name(method) in CONTROLS


def base_name(method: str) -> str:
    """Return the name without the parameters, and without ` (tuned)`."""
    return method.partition("[")[0].removesuffix(" (tuned)")


def about_ranks(entry: Entry, methods: int) -> str:
    """Return the sentence on what a board's order means, for an entry of the metric by which it is ordered."""
    by = f"Ordered by {entry['metric']}."
    if not entry["resolved"]:
        groups = f"{entry['groups']} group{'s' * (entry['groups'] != 1)}"
        return f"{by} {groups} cannot tell {methods} methods apart at 5 %: an order, not a finding."
    difference = number(entry["critical_difference"], 3)
    return f"{by} Mean ranks over {entry['groups']} groups differ at 5 % if {difference} apart (Nemenyi)."


def columns(entries: Iterable[Entry]) -> list[str]:
    """Return the metrics that a table has room for: ours in the order of `ORDER`, then others by name."""
    return metric_names(None, {entry["metric"] for entry in entries if entry["n"]})


def metric_names(asked: Sequence[str] | None, known: Iterable[str]) -> list[str]:
    """Return the metrics that a user asked for: by default those of the tables, and every one for `all`.

    Raises
    ------
    UsageError
        If there is no such metric.
    """
    known = list(known)
    ordered = sorted(known, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    if not asked:
        return [name for name in ordered if name not in CSV_ONLY]
    if list(asked) == ["all"]:
        return ordered
    for name in asked:
        if name not in known:
            raise UsageError(f"There is no metric {name!r}.{did_you_mean(name, known)} See `usbench list metrics`.")
    return list(dict.fromkeys(asked))


def image_count(entries: Iterable[Entry]) -> int:
    """Return the number of images of a board."""
    return max(entry["n"] + entry["failed"] + entry["skipped"] for entry in entries)


def inapplicable(entries: Sequence[Entry]) -> list[str]:
    """Return the metrics that apply to no image of a board."""
    metrics = {entry["metric"] for entry in entries if entry["skipped"]}
    return sorted(metrics - {entry["metric"] for entry in entries if entry["n"] or entry["failed"]})


def grouped(entries: Iterable[Entry], *fields: str) -> list[tuple[tuple, list[Entry]]]:
    """Return the entries by the values of some fields, sorted by these as text."""
    groups: dict[tuple, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(tuple(entry[field] for field in fields), []).append(entry)
    return sorted(groups.items(), key=lambda item: tuple(map(str, item[0])))


def by_place(entries: Sequence[Entry], metrics: Sequence[str]) -> list[tuple[tuple, dict[str, Entry]]]:
    """Return for each (method, tuning) its entries by metric, in the order of the board's first metric."""
    settings = [(setting, {entry["metric"]: entry for entry in cells}) for setting, cells in settings_of(entries)]
    first = metrics[0] if metrics else ""
    return sorted(settings, key=lambda item: item[1][first]["place"] if first in item[1] else math.inf)


def settings_of(entries: Iterable[Entry]) -> list[tuple[tuple, list[Entry]]]:
    """Return the entries of each (method, tuning)."""
    return grouped(entries, "method", "tuning")
