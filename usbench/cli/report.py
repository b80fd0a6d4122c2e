"""The table that ends a run."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from usbench.bench.plan import CONTROL
from usbench.board.tables import ARROWS, number

SHOWN = ("psnr", "ssim", "cnr", "latency_ms")
TITLES = {"psnr": "PSNR", "ssim": "SSIM", "cnr": "CNR", "latency_ms": "time per image"}

Entry = Mapping[str, Any]


def result_table(entries: Sequence[Entry]) -> Table:
    """Return a row per data set and method; each number stands beside that of the untouched input."""
    found = {(entry["dataset"], entry["method"], entry["metric"]): entry for entry in entries}
    methods = list(dict.fromkeys(entry["method"] for entry in entries if entry["method"] != CONTROL)) or [CONTROL]
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("data set", overflow="fold")
    table.add_column("images", justify="right")
    if len(methods) > 1:
        table.add_column("method", overflow="fold")
    for metric in SHOWN:
        example = next((entry for entry in entries if entry["metric"] == metric), None)
        unit = f", {example['unit']}" if example and example["unit"] else ""
        arrow = ARROWS[example["better"]] if example else ""
        table.add_column(f"{TITLES[metric]}{unit} {arrow}".strip(), justify="right")
        table.add_column("(input)", justify="right", style="dim", header_style="dim")
    for dataset in dict.fromkeys(entry["dataset"] for entry in entries):
        for number_of, method in enumerate(methods):
            about = [dataset, _images(entries, dataset, method)] if number_of == 0 else ["", ""]
            about += [method] if len(methods) > 1 else []
            cells = []
            for metric in SHOWN:
                cells += [_value(found.get((dataset, name, metric))) for name in (method, CONTROL)]
            table.add_row(*about, *cells)
    if len(methods) == 1:
        table.title = f"{methods[0]} beside the untouched input (means; time: median)"
        table.title_justify = "left"
    return table


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
