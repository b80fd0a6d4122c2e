"""One table for a paper: chosen methods, data sets and metrics, at most a page."""

from collections.abc import Sequence

from usbench.board.columns import in_tables
from usbench.board.latex import cell_text, column_head, escape
from usbench.board.summary import BoardSummary, Column, Line
from usbench.core.errors import UsageError

LINES = 45  # of a page in 10 pt, with a caption
COLUMNS = 8  # of numbers side by side


def paper_table(boards: Sequence[BoardSummary], metrics: Sequence[str] = ()) -> str:
    """Return a LaTeX table of all methods of boards, a block of lines for each data set.

    Parameters
    ----------
    boards
        With the methods and data sets of the table.
    metrics
        The columns, in this order; by default those of the leaderboards.

    Raises
    ------
    UsageError
        If it is longer or wider than a page, or nothing is measured.
    """
    names = list(metrics) or [
        name for name in dict.fromkeys(c.name for board in boards for c in board.columns) if in_tables(name)
    ]
    columns = {c.name: c for board in boards for c in board.columns if c.name in names and c.measured}
    shown = [columns[name] for name in names if name in columns]
    lines = sum(len(_lines(board)) + 2 for board in boards)
    if not shown:
        raise UsageError(f"None of {', '.join(names)} has a value on these data sets.")
    if lines > LINES or len(shown) > COLUMNS:
        size = f"{lines} lines and {len(shown)} columns"
        raise UsageError(
            f"The table has {size}; a page has {LINES} and {COLUMNS}: name --method, --dataset or --metric."
        )
    made = [
        "% needs \\usepackage{booktabs}",
        r"\begin{table}[t]",
        r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{escape(_caption(boards))}}}",
        rf"\begin{{tabular}}{{l{'r' * len(shown)}}}",
        r"\toprule",
        " & ".join(["method", *map(column_head, shown)]) + r" \\",
    ]
    for board in boards:
        made += [r"\midrule", rf"\multicolumn{{{len(shown) + 1}}}{{l}}{{\emph{{{escape(board.dataset)}}}}} \\"]
        made += [_line(line, shown) for line in _lines(board)]
    return "\n".join([*made, r"\bottomrule", r"\end{tabular}", r"\end{table}"]) + "\n"


def _lines(board: BoardSummary) -> list[Line]:
    return list(board.listed)


def _line(line: Line, columns: Sequence[Column]) -> str:
    name = escape(line.method + (" (tuned)" if line.tuning else ""))
    shown = rf"\emph{{{name}}}" if line.role == "control" else name
    return " & ".join([shown, *(cell_text(line.cells.get(column.name)) for column in columns)]) + r" \\"


def _caption(boards: Sequence[BoardSummary]) -> str:
    images = ", ".join(f"{board.dataset}: {board.images} images" for board in boards)
    marks = " Superscript i, s: in distribution." if any(line.seen for board in boards for line in board.listed) else ""
    return f"Means with 95 % t intervals over groups ({images}). Bold: best; underlined: second.{marks}"
