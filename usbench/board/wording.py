"""How numbers, metrics and methods are written in every kind of table."""

import json
import math
import re
from collections.abc import Iterable, Iterator

from usbench.board.intervals import LEAST_GROUPS
from usbench.board.overview import Overview
from usbench.board.paired_tests import name_of_test
from usbench.board.split_half import CHANCE
from usbench.board.summary import BoardSummary, Cell, Column
from usbench.core.metric import Metric
from usbench.core.untrusted import printable

ARROWS = {"higher": "↑", "lower": "↓", "one": "→ 1"}
BETTER = {"higher": "higher is better", "lower": "lower is better", "one": "1 is ideal"}
INTROS = {
    "simulated": "Clean images with simulated speckle: the reference is known.",
    "real": "Real B-mode images: there is no reference. Sets with inserted lesions are ordered by what a method "
    "answers to a known change; the others have only contrast and speckle statistics in fixed regions.",
}
LESIONS = (
    "gaussian_equivalent_4db: known lesions of 4 dB are put into the image, and a method is compared with the Gaussian "
    "blur that loses as much of them. It is the speckle that the method leaves, over what that blur leaves. 1 is no "
    "better than the blur; below 1 is better, as more speckle is removed at the same loss; above 1 is worse. Where the "
    "residual is above 0.5 the lesions are as good as lost: it is infinite, and the method stands below the others. A "
    "method that changes nothing has 1 too, so read it beside grain_kept (1: all speckle is left, 0: none) and "
    "lesion_residual_4db (0: the lesions are whole, 1: they are gone)."
)
TUNING = (
    "Networks were trained on thousands of images; tuned settings were chosen on few, 8 or more validation images of "
    "the set."
)


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
    return "–" if value is None or not math.isfinite(value) else f"{int(value):,}"


def table_row(cells: Iterable[str]) -> str:
    """Return a line of a table in Markdown."""
    return "| " + " | ".join(map(markdown_text, cells)) + " |"


def markdown_text(text: str) -> str:
    """Return text that ends no cell or line of Markdown, and is neither HTML nor a link or picture."""
    plain = printable(text).replace("|", r"\|").replace("](", r"]\(")
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", plain)


def spreadsheet_text(value: object) -> object:
    """Return a cell of a CSV file: a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _magnitude(value: float) -> int:
    return 0 if abs(value) < 1 else math.floor(math.log10(abs(value)))


def with_unit(name: str, unit: str) -> str:
    """Return `psnr, dB`, or `ssim` for a metric without a unit."""
    return f"{name}, {unit}" if unit else name


def meaning(metric: Metric) -> str:
    """Return `Mean absolute error; lower is better`."""
    return f"{metric.title}; {BETTER[metric.better]}"


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


def mark(cell: Cell) -> str:
    """Return ` ⓘⓢ` for a result in distribution, or nothing; see `usbench.board.in_distribution.LEGEND`."""
    return f" {cell.seen.mark}" if cell.seen else ""


def about_order(board: BoardSummary) -> str:
    """Return the sentences on what orders a board, and on what the order means; nothing for a board without values."""
    first = board.first
    if first is None:
        return ""
    return " ".join([*_ordered_by(board, first), *_differences(first), *_agreement(first)])


def _ordered_by(board: BoardSummary, first: Column) -> Iterator[str]:
    yield f"Ordered by {first.name}."
    for column in board.passed_over:
        yield f"{column.name} does not order this board: by it the control {column.control} is ahead of every method."
    if first.control:
        yield f"By every metric a control is ahead of every method, by this one {first.control}."


def _differences(first: Column) -> Iterator[str]:
    groups = groups_text(first.groups)
    if first.groups < LEAST_GROUPS:
        yield f"{groups.capitalize()}: no interval and no test, an order, not a finding."
    elif not first.resolved and first.rivals > 1:
        yield f"{groups.capitalize()} cannot tell {first.rivals} methods apart at 5 %: an order, not a finding."
    else:
        yield f"≈: {name_of_test(first.groups)} on the means of {groups}, corrected for {first.rivals} methods, at 5 %."
        if first.critical_difference is not None:
            difference = number(first.critical_difference, 3)
            yield f"Mean ranks differ at 5 % if {difference} apart (Nemenyi)."


def _agreement(first: Column) -> Iterator[str]:
    if first.tau is not None:
        chance = f", below {CHANCE}: the order is chance" if first.tau < CHANCE else ""
        yield f"Split-half Kendall tau {first.tau:.2f}{chance}."


def about_left_out(seen: Overview) -> list[str]:
    """Return the sentences on the data sets and methods that an overview leaves out."""
    sentences = {
        "Data sets left out because a method was trained on their source or simulator": seen.trained_on,
        "Not run on every data set": seen.left_out,
    }
    return [f"{sentence}: {', '.join(names)}." for sentence, names in sentences.items() if names]


def groups_text(count: int) -> str:
    """Return `one group` or `12 groups`."""
    return "one group" if count == 1 else f"{count} groups"
