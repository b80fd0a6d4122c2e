"""Leaderboards for papers: longtable with booktabs, best bold, second underlined."""

from collections.abc import Sequence

from usbench.board.flags import legend
from usbench.board.summary import BoardSummary, Cell, Column
from usbench.board.wording import about_ranks, how_tuned, interval, is_control, lost, number, with_unit

ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "[": r"{[}", "]": r"{]}", "∞": r"$\infty$", "–": "--", "≈": r"$\approx$", "↑": r"$\uparrow$",
    "↓": r"$\downarrow$", "→": r"$\rightarrow$",
}  # fmt: skip
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
    titles = " & ".join(["method", "flags", *map(_head, columns), "rank"])
    lines = ["", r"{\footnotesize\setlength{\tabcolsep}{3pt}", rf"\begin{{longtable}}{{ll{'r' * len(columns)}r}}"]
    lines += [rf"\caption{{{escape(_caption(board))}}}\\"]
    lines += [r"\toprule", titles + r" \\", r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    for line in board.listed:
        name = (
            rf"\emph{{{escape(line.method)}}}"
            if is_control(line.method)
            else escape(line.method + how_tuned(line.tuning))
        )
        first = line.cells.get(board.first.name) if board.first else None
        rank = escape(number(first.mean_rank, 3)) if first else "--"
        cells = [_cell(line.cells.get(column.name)) for column in columns]
        lines += [" & ".join([name, escape(line.flags), *cells, rank]) + r" \\"]
    return [*lines, r"\end{longtable}}"]


def _caption(board: BoardSummary) -> str:
    about = f"{board.dataset} ({board.split}, {board.images} images)"
    sentences = [f"{about}: means with 95 % bootstrap intervals over groups."]
    if board.first:
        sentences += [about_ranks(board.first, len(board.listed))]
    sentences += ["Bold: best; underlined: second; ≈: cannot be told apart from the best."]
    raised = {letter for line in board.lines for letter in line.flags}
    if raised:
        sentences += ["Flags: " + "; ".join(text.partition(":")[0] for text in legend() if text[0] in raised) + "."]
    return " ".join(sentences)


def _head(column: Column) -> str:
    return escape(with_unit(column.name, column.unit)) + " " + ARROWS[column.better]


def _cell(cell: Cell | None) -> str:
    if cell is None or not cell.n:
        return "failed" if cell is not None and cell.failed else "--"
    mean = escape(number(cell.mean))
    shown = rf"\textbf{{{mean}}}" if cell.best else rf"\underline{{{mean}}}" if cell.second else mean
    alike = r"\,$\approx$" if cell.alike and not cell.best else ""
    aside = escape((interval(cell) + lost(cell)).strip())
    return shown + alike + (rf"{{\scriptsize\,{aside}}}" if aside else "")
