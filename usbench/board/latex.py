"""Leaderboards for papers: longtable with booktabs, best bold, second underlined."""

from collections.abc import Sequence

from usbench.board.flags import legend
from usbench.board.in_distribution import SIMULATOR, SOURCE, Seen
from usbench.board.summary import BoardSummary, Cell, Column, Line
from usbench.board.wording import about_order, how_tuned, interval, lost, number, with_unit

ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "[": r"{[}", "]": r"{]}", "∞": r"$\infty$", "–": "--", "≈": r"$\approx$", "↑": r"$\uparrow$",
    "↓": r"$\downarrow$", "→": r"$\rightarrow$",
}  # fmt: skip
MARKS = {SOURCE: "i", SIMULATOR: "s"}  # pdfLaTeX has no circled letters
SEEN = (
    "In distribution, and without a place: i, trained on other images of this source; s, on the speckle of "
    "this simulator."
)
ARROWS = {"higher": r"$\uparrow$", "lower": r"$\downarrow$", "one": r"$\rightarrow 1$"}


def latex(kind: str, boards: Sequence[BoardSummary]) -> str:
    """Return a longtable per data set, to be read with LaTeX's \\input."""
    lines = [f"% {kind} boards; needs \\usepackage{{booktabs,longtable}}"]
    for board in boards:
        lines += _table(board)
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is; letters that pdfLaTeX has no glyph for become question marks."""
    return "".join(
        ESCAPES.get(letter, letter if letter.isprintable() and ord(letter) < 0x180 else "?") for letter in text
    )


def _table(board: BoardSummary) -> list[str]:
    columns = board.shown
    titles = " & ".join(["method", "flags", *map(column_head, columns), "rank"])
    lines = ["", r"{\footnotesize\setlength{\tabcolsep}{3pt}", rf"\begin{{longtable}}{{ll{'r' * len(columns)}r}}"]
    lines += [rf"\caption{{{escape(_caption(board))}}}\\"]
    lines += [r"\toprule", titles + r" \\", r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    lines += [_line(board, line) for line in board.head]
    if board.others:
        lines += [r"\midrule", rf"\multicolumn{{{len(columns) + 3}}}{{l}}{{other settings}} \\"]
        lines += [_line(board, line) for line in board.others]
    return [*lines, r"\end{longtable}}"]


def _line(board: BoardSummary, line: Line) -> str:
    name = escape(line.method + how_tuned(line.tuning))
    first = line.cells.get(board.first.name) if board.first else None
    rank = escape(number(first.mean_rank, 3)) if first else "--"
    cells = [cell_text(line.cells.get(column.name)) for column in board.shown]
    shown = rf"\emph{{{name}}}" if line.role == "control" else name
    return " & ".join([shown, escape(line.flags), *cells, rank]) + r" \\"


def _caption(board: BoardSummary) -> str:
    about = f"{board.dataset} ({board.split}, {board.images} images)"
    sentences = [f"{about}: means with 95 % t intervals over groups.", about_order(board)]
    sentences += ["Bold: best; underlined: second; ≈: cannot be told apart from the best."]
    if any(line.seen for line in board.listed):
        sentences += [SEEN]
    raised = {letter for line in board.lines for letter in line.flags}
    if raised:
        sentences += ["Flags: " + "; ".join(text.partition(":")[0] for text in legend() if text[0] in raised) + "."]
    return " ".join(filter(None, sentences))


def column_head(column: Column) -> str:
    """Return the name of a metric with its unit and which way is better."""
    return escape(with_unit(column.name, column.unit)) + " " + ARROWS[column.better]


def cell_text(cell: Cell | None) -> str:
    """Return a mean with its interval and marks."""
    if cell is None or not cell.n:
        return "failed" if cell is not None and cell.failed else "--"
    mean = escape(number(cell.mean))
    shown = rf"\textbf{{{mean}}}" if cell.best else rf"\underline{{{mean}}}" if cell.second else mean
    alike = r"\,$\approx$" if cell.alike and not cell.best else ""
    aside = escape((interval(cell) + lost(cell)).strip())
    return shown + alike + _mark(cell.seen) + (rf"{{\scriptsize\,{aside}}}" if aside else "")


def _mark(seen: Seen) -> str:
    letters = "".join(MARKS[letter] for letter in seen.mark)
    return rf"\textsuperscript{{{letters}}}" if letters else ""
