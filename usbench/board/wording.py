"""How numbers, metrics and methods are written in every kind of table."""

import json
import math
from collections.abc import Iterable

from usbench.board.scores import CONTROLS
from usbench.board.summary import Cell, Column

ARROWS = {"higher": "↑", "lower": "↓", "one": "→ 1"}
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


def with_unit(name: str, unit: str) -> str:
    """Return `psnr, dB`, or `ssim` for a metric without a unit."""
    return f"{name}, {unit}" if unit else name


def header(column: Column) -> str:
    """Return `psnr, dB ↑`."""
    return f"{with_unit(column.name, column.unit)} {ARROWS[column.better]}"


def interval(cell: Cell) -> str:
    """Return ` [22.9, 23.9]`, or nothing where there is no interval."""
    return "" if cell.ci_low is None else f" [{number(cell.ci_low, 3)}, {number(cell.ci_high, 3)}]"


def lost(cell: Cell) -> str:
    """Return ` (2 failed, 4 not run, 1 n/a)`, or nothing if every image has a value or none can have one."""
    counts = {"failed": cell.failed, "not run": cell.absent, "n/a": cell.skipped}
    reasons = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f" ({reasons})" if reasons else ""


def how_tuned(tuning: str) -> str:
    """Return ` (tuned: ssim, 40 trials on 8 val images)`, or nothing for a setting that was not searched."""
    if not tuning:
        return ""
    about = json.loads(tuning)
    return f" (tuned: {about['metric']}, {about['trials']} trials on {about['images']} {about['split']} images)"


def is_control(method: str) -> bool:
    """Return whether a method is in the tables without competing."""
    return base_name(method) in CONTROLS


def base_name(method: str) -> str:
    """Return the name without the parameters, and without ` (tuned)`."""
    return method.partition("[")[0].removesuffix(" (tuned)")


def about_ranks(column: Column, settings: int) -> str:
    """Return the sentence on what the order of a board by this column means."""
    by = f"Ordered by {column.name}."
    if not column.resolved:
        groups = f"{column.groups} group{'s' * (column.groups != 1)}"
        return f"{by} {groups} cannot tell {settings} methods apart at 5 %: an order, not a finding."
    difference = number(column.critical_difference, 3)
    return f"{by} Mean ranks over {column.groups} groups differ at 5 % if {difference} apart (Nemenyi)."
