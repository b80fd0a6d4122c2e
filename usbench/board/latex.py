"""Leaderboards for papers: longtable with booktabs, best bold, second underlined."""

from collections.abc import Sequence

from usbench.board.flags import legend
from usbench.board.wording import (
    Entry,
    about_ranks,
    by_place,
    columns,
    grouped,
    how_tuned,
    image_count,
    interval,
    is_control,
    lost,
    number,
)

ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "[": r"{[}", "]": r"{]}", "∞": r"$\infty$", "–": "--", "≈": r"$\approx$", "↑": r"$\uparrow$",
    "↓": r"$\downarrow$", "→": r"$\rightarrow$",
}  # fmt: skip
ARROWS = {"higher": r"$\uparrow$", "lower": r"$\downarrow$", "one": r"$\rightarrow 1$"}


def latex(kind: str, entries: Sequence[Entry]) -> str:
    """Return a longtable per data set, to be read with LaTeX's \\input."""
    lines = [f"% {kind} boards; needs \\usepackage{{booktabs,longtable}}"]
    for (dataset, split), group in grouped(entries, "dataset", "split"):
        lines += _table(dataset, split, group)
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is; letters that pdfLaTeX has no glyph for become question marks."""
    return "".join(
        ESCAPES.get(letter, letter if letter.isprintable() and ord(letter) < 0x180 else "?") for letter in text
    )


def _table(dataset: str, split: str, group: Sequence[Entry]) -> list[str]:
    metrics = columns(group)
    settings = by_place(group, metrics)
    heads = {entry["metric"]: _head(entry) for entry in group}
    titles = " & ".join(["method", "flags", *(heads[metric] for metric in metrics), "rank"])
    lines = ["", r"{\footnotesize\setlength{\tabcolsep}{3pt}", rf"\begin{{longtable}}{{ll{'r' * len(metrics)}r}}"]
    lines += [rf"\caption{{{_caption(dataset, split, group, metrics, len(settings))}}}\\"]
    lines += [r"\toprule", titles + r" \\", r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    for (method, tuning), by_metric in settings:
        name = rf"\emph{{{escape(method)}}}" if is_control(method) else escape(method + how_tuned(tuning))
        flags = escape(next(iter(by_metric.values()))["flags"])
        first = by_metric.get(metrics[0]) if metrics else None
        rank = escape(number(first["mean_rank"], 3)) if first else "--"
        lines += [" & ".join([name, flags, *(_cell(by_metric.get(metric)) for metric in metrics), rank]) + r" \\"]
    return [*lines, r"\end{longtable}}"]


def _caption(dataset: str, split: str, group: Sequence[Entry], metrics: Sequence[str], methods: int) -> str:
    images = image_count(group)
    sentences = [f"{dataset} ({split}, {images} images): means with 95 % bootstrap intervals over groups."]
    if metrics:
        sentences += [about_ranks(next(entry for entry in group if entry["metric"] == metrics[0]), methods)]
    sentences += ["Bold: best; underlined: second; ≈: cannot be told apart from the best."]
    raised = {letter for entry in group for letter in entry["flags"]}
    sentences += ["Flags: " + "; ".join(text.partition(":")[0] for text in legend() if text[0] in raised) + "."] * bool(
        raised
    )
    return escape(" ".join(sentences))


def _head(entry: Entry) -> str:
    unit = f", {entry['unit']}" if entry["unit"] else ""
    return escape(entry["metric"] + unit) + " " + ARROWS[entry["better"]]


def _cell(entry: Entry | None) -> str:
    if entry is None or not entry["n"]:
        return "failed" if entry is not None and entry["failed"] else "--"
    mean = escape(number(entry["mean"]))
    shown = rf"\textbf{{{mean}}}" if entry["best"] else rf"\underline{{{mean}}}" if entry["second"] else mean
    alike = r"\,$\approx$" if entry["alike"] and not entry["best"] else ""
    aside = escape((interval(entry) + lost(entry)).strip())
    return shown + alike + (rf"{{\scriptsize\,{aside}}}" if aside else "")
