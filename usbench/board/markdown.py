"""Leaderboards in Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from usbench.board.controls import INPUT, base_name, is_control
from usbench.board.flags import legend
from usbench.board.in_distribution import LEGEND
from usbench.board.intervals import LEAST_GROUPS
from usbench.board.overview import Overview
from usbench.board.paired_tests import SIGNED_RANK_FROM
from usbench.board.speed import SpeedTable
from usbench.board.split_half import SPLITS
from usbench.board.summary import BoardSummary, Cell, Line
from usbench.board.wording import (
    INTROS,
    LESIONS,
    TUNING,
    about_left_out,
    about_order,
    header,
    how_tuned,
    interval,
    lost,
    mark,
    markdown_text,
    number,
    table_row,
)

HOW_TO_READ = (
    "Means over images; in brackets the 95 % t interval over groups (pictures, slices, patients), where there are at "
    f"least {LEAST_GROUPS}. **Bold** is the best mean; ≈ cannot be told apart from it at 5 %, by a test on paired "
    "group means that is corrected for all methods: Student's t on fewer than "
    f"{SIGNED_RANK_FROM} groups, Wilcoxon's signed rank from there on. "
    "`rank` is the mean rank over groups by the first metric; `wins` is the share of groups in "
    "which the method is better than the untouched input. Each method competes once, with its tuned setting where "
    "there is one and else with its defaults; other settings are in a table below. Images that failed, were not run, "
    "or to which a metric does not apply (n/a) are counted beside the mean, and a method that lacks one stands below "
    "those that do not. Controls are in italics and do not compete, and a metric on which a control leads does not "
    "order a board. The split-half Kendall tau is the agreement of the orders that two random halves of the groups "
    f"give (mean of {SPLITS} splits)."
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


def quality_markdown(
    kind: str,
    boards: Sequence[BoardSummary],
    seen: Overview | None,
    notes: Mapping[str, str],
    absent: Sequence[str] = (),
) -> str:
    """Return the page of the simulated or the real boards: overview, a table per set, flags, absent methods."""
    lines = [f"# {kind.capitalize()} B-mode", "", INTROS[kind], "", HOW_TO_READ, "", LESIONS, "", TUNING, "", LEGEND]
    if seen:
        lines += _overview(seen, notes)
    for board in boards:
        lines += _board(board, notes)
    if boards:
        lines += ["", "## Flags", "", LOOK_TWICE, "", *(f"- {sentence}" for sentence in legend())]
    if absent:
        lines += ["", "## Not on all boards", "", *(f"- {markdown_text(sentence)}" for sentence in absent)]
    lines += _footnotes((line.method for board in boards for line in board.lines), notes)
    return "\n".join(lines) + "\n"


def speed_markdown(tables: Sequence[SpeedTable], notes: Mapping[str, str]) -> str:
    """Return the page of speeds, a table per machine."""
    lines = ["# Speed", "", SPEEDS]
    for table in tables:
        lines += ["", f"## {markdown_text(table.hardware)}, {markdown_text(table.device)}, {table.threads} threads", ""]
        lines += [table_row(["method", *table.heads])]
        lines += [table_row(["---", *("---:" for _ in table.heads)])]
        for method, cells in table.lines:
            lines += [table_row([_name(method, notes), *(text for text, _ in cells)])]
    lines += _footnotes((method for table in tables for method, _ in table.lines), notes)
    return "\n".join(lines) + "\n"


def _overview(seen: Overview, notes: Mapping[str, str]) -> list[str]:
    difference = number(seen.critical_difference, 3)
    lines = [
        "",
        "## All data sets that no method was trained on",
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
    for sentence in about_left_out(seen):
        lines += ["", markdown_text(sentence)]
    return lines


def _board(board: BoardSummary, notes: Mapping[str, str]) -> list[str]:
    columns = board.shown
    lines = ["", f"## {markdown_text(board.dataset)} ({board.split}, {board.images} images)", ""]
    if about := about_order(board):
        lines += [markdown_text(about), ""]
    heads = [
        table_row(["method", "flags", *map(header, columns), "rank", "wins"]),
        table_row(["---", "---", *("---:" for _ in columns), "---:", "---:"]),
    ]
    lines += [*heads, *(_line(board, line, notes) for line in board.head)]
    if board.others:
        lines += ["", "Other settings, which take no part in the order:", "", *heads]
        lines += [_line(board, line, notes) for line in board.others]
    if names := sorted(column.name for column in board.columns if column.inapplicable):
        lines += ["", f"Apply to none of the images: {', '.join(names)}."]
    return lines


def _line(board: BoardSummary, line: Line, notes: Mapping[str, str]) -> str:
    name = _name(line.method, notes) + how_tuned(line.tuning)
    cells = [_cell(line.cells.get(column.name)) for column in board.shown]
    return table_row([name, line.flags, *cells, *_rank(board, line)])


def _cell(cell: Cell | None) -> str:
    if cell is None or not cell.n:
        return "failed" if cell is not None and cell.failed else "–"
    mean = f"**{number(cell.mean)}**" if cell.best else number(cell.mean)
    return mean + interval(cell) + (" ≈" if cell.alike and not cell.best else "") + mark(cell) + lost(cell)


def _rank(board: BoardSummary, line: Line) -> list[str]:
    cell = line.cells.get(board.first.name) if board.first else None
    if cell is None:
        return ["–", "–"]
    wins = "–" if cell.wins is None or line.method == INPUT else f"{cell.wins:.0%}"
    return [number(cell.mean_rank, 3), wins]


def _name(method: str, notes: Mapping[str, str]) -> str:
    shown = f"*{method}*" if is_control(method) else method
    return shown + (" †" if base_name(method) in notes else "")


def _footnotes(methods: Iterable[str], notes: Mapping[str, str]) -> list[str]:
    present = sorted({base_name(method) for method in methods} & set(notes))
    return [line for name in present for line in ("", f"† {name}: {notes[name]}")]
