"""The table that ends a run."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from usbench.bench.plan import CONTROL
from usbench.board.wording import ARROWS, number

TITLES = {"psnr": "PSNR, dB", "ssim": "SSIM", "cnr": "CNR", "latency_ms": "ms/image"}
BETTER = {"psnr": "higher", "ssim": "higher", "cnr": "higher", "latency_ms": "lower"}

Entry = Mapping[str, Any]


def result_table(entries: Sequence[Entry]) -> Table:
    """Return a row per data set and method: each number, and in brackets that of the untouched input."""
    found = {(entry["dataset"], entry["method"], entry["metric"]): entry for entry in entries}
    methods = list(dict.fromkeys(entry["method"] for entry in entries if entry["method"] != CONTROL)) or [CONTROL]
    title = methods[0] if len(methods) == 1 else "methods"
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
    table.title = f"{escape(title)} (in brackets the untouched input; means, for the time the median)"
    table.add_column("data set", no_wrap=True)
    table.add_column("images", justify="right")
    if len(methods) > 1:
        table.add_column("method", overflow="fold")
    for metric, title in TITLES.items():
        table.add_column(f"{title} {ARROWS[BETTER[metric]]}", justify="right", no_wrap=True)
    for dataset in dict.fromkeys(entry["dataset"] for entry in entries):
        here = [method for method in methods if any((dataset, method, metric) in found for metric in TITLES)]
        for position, method in enumerate(here):
            about = [escape(dataset), _images(entries, dataset, method)] if position == 0 else ["", ""]
            about += [escape(method)] if len(methods) > 1 else []
            cells = [
                _cell(found.get((dataset, method, metric)), found.get((dataset, CONTROL, metric))) for metric in TITLES
            ]
            table.add_row(*about, *cells)
    return table


def _cell(entry: Entry | None, untouched: Entry | None) -> str:
    """Return `23.41 (12.98)`, or a dash where the metric does not apply."""
    value, before = _value(entry), _value(untouched)
    return value if value == before == "–" else f"{value} [dim]({before})[/dim]"


def _images(entries: Sequence[Entry], dataset: str, method: str) -> str:
    counts = [
        entry["n"] + entry["failed"] + entry["skipped"]
        for entry in entries
        if entry["dataset"] == dataset and entry["method"] == method and entry["metric"] != "latency_ms"
    ]
    return str(max(counts, default=0))


def _value(entry: Entry | None) -> str:
    if entry is None:
        return "–"
    if entry["metric"] == "latency_ms":
        return number(entry["median"], 3)
    if not entry["n"] and entry["failed"]:
        return "failed"
    return number(entry["mean"])
