"""The report of a run: a table, or JSON."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from usbench.bench.plan import CONTROL
from usbench.board.in_distribution import SIMULATOR, SOURCE
from usbench.board.summary import BoardSummary, Cell, Line
from usbench.board.wording import ARROWS, number

if TYPE_CHECKING:
    import pandas as pd

TITLES = {"psnr": "PSNR, dB ↑", "ssim": "SSIM ↑", "cnr": "CNR ↑"}
EQUIVALENT = {"gaussian_equivalent_4db": "GE 4 dB ↓"}  # in place of CNR if a set has lesions
TIME = f"ms/image {ARROWS['lower']}"


@dataclass(frozen=True)
class Report:
    """The boards of a run's rows, and its rows of the speed lane as `current_speeds` returns them."""

    boards: Sequence[BoardSummary]
    speeds: "pd.DataFrame"

    @cached_property
    def latencies(self) -> dict[str, dict[str, Any]]:
        """The row of each method's latency, or of its failure."""
        if not len(self.speeds):
            return {}
        single = self.speeds[~(self.speeds["batch"] > 1)]
        return {row["method"]: row for row in json.loads(single.to_json(orient="records"))}

    def failures(self) -> list[str]:
        """Return a sentence on each method with images or timings that failed."""
        lost = {
            (line.method, board.dataset): max(cell.failed for cell in line.cells.values())
            for board in self.boards
            for line in board.lines
        }
        sentences = [
            f"{method} on {dataset}: {count} failed; the stored rows say why."
            for (method, dataset), count in lost.items()
            if count
        ]
        return sentences + [
            f"{method} could not be timed: {row['reason']}"
            for method, row in self.latencies.items()
            if row["status"] != "ok"
        ]

    def plain(self) -> list[dict[str, Any]]:
        """Return an entry per method, data set and metric, then one per latency; JSON has no infinity: it is None."""
        return [*self._qualities(), *starmap(_plain_latency, self.latencies.items())]

    def _qualities(self) -> Iterator[dict[str, Any]]:
        for board in self.boards:
            for line in board.lines:
                for column in board.columns:
                    if cell := line.cells.get(column.name):
                        yield {
                            "method": line.method,
                            "params": line.params,
                            "tuning": line.tuning,
                            "dataset": board.dataset,
                            "split": board.split,
                            "metric": column.name,
                            "unit": column.unit,
                            "better": column.better,
                            "mean": _finite(cell.mean),
                            "n": cell.n,
                            "failed": cell.failed,
                            "skipped": cell.skipped,
                            "in_distribution": cell.seen.words,
                        }

    def table(self) -> Table:
        """Return a row per data set and method: each number, and in brackets that of the untouched input."""
        methods = dict.fromkeys(line.method for board in self.boards for line in board.lines if not _is_input(line))
        table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
        title = next(iter(methods), CONTROL) if len(methods) < 2 else "methods"
        table.title = f"{escape(title)} (in brackets the untouched input; means, for the time the median)"
        if any(line.seen for board in self.boards for line in board.lines):
            table.caption = f"{SOURCE} {SIMULATOR}: trained on the source or the simulator of the data set"
            table.caption_justify = "left"
        table.add_column("data set", no_wrap=True)
        table.add_column("images", justify="right")
        if len(methods) > 1:
            table.add_column("method", overflow="fold")
        for heading in (*self._titles.values(), TIME):
            table.add_column(heading, justify="right", no_wrap=True)
        for board in self.boards:
            untouched = next((line for line in board.lines if _is_input(line)), None)
            before = self._cells(board, untouched)
            about = [escape(board.dataset), str(board.images)]
            for line in [line for line in board.lines if not _is_input(line)] or board.lines:
                cells = map(_beside, self._cells(board, line), before)
                mark = f" {line.seen.mark}" if line.seen else ""
                if len(methods) > 1:
                    table.add_row(*about, escape(line.method) + mark, *cells)
                else:
                    table.add_row(about[0] + mark, about[1], *cells)
                about = ["", ""]
        return table

    @cached_property
    def _titles(self) -> dict[str, str]:
        measured = {column.name for board in self.boards for column in board.shown}
        if not measured & EQUIVALENT.keys():
            return TITLES
        return {name: title for name, title in (TITLES | EQUIVALENT).items() if name != "cnr"}

    def _cells(self, board: BoardSummary, line: Line | None) -> list[str]:
        """Return the means of a line and its latency as texts."""
        if line is None:
            return ["–"] * (len(self._titles) + 1)
        latency = self.latencies.get(line.method, {}).get("median_ms")
        return [*(_mean(line.cells.get(name)) for name in self._titles), number(latency, 3)]


def _is_input(line: Line) -> bool:
    return line.method == CONTROL


def _mean(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    return "failed" if not cell.n and cell.failed else number(cell.mean)


def _beside(value: str, before: str) -> str:
    """Return `23.41 (12.98)`, or a dash where the metric does not apply."""
    return value if value == before == "–" else f"{value} [dim]({before})[/dim]"


def _plain_latency(method: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": method,
        "params": json.loads(row["params"]),
        "metric": "latency_ms",
        "unit": "ms",
        "better": "lower",
        "size": row["size"],
        "median": row["median_ms"],
        "iqr": row["iqr_ms"],
        "failed": int(row["status"] != "ok"),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
