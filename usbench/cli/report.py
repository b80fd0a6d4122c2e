"""What a run ends with: a table, or JSON."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from usbench.bench.plan import CONTROL
from usbench.board.latency import Latency
from usbench.board.summary import BoardSummary, Cell, Line
from usbench.board.wording import ARROWS, number

TITLES = {"psnr": "PSNR, dB ↑", "ssim": "SSIM ↑", "cnr": "CNR ↑"}
TIME = f"ms/image {ARROWS['lower']}"


@dataclass(frozen=True)
class Report:
    """The boards of a run's rows, and the latencies that it took."""

    boards: Sequence[BoardSummary]
    latencies: Sequence[Latency]

    def failures(self) -> dict[tuple[str, str], int]:
        """Return how many images or timed calls failed, by method and data set, where any did."""
        counts = [
            (line.method, board.dataset, max(cell.failed for cell in line.cells.values()))
            for board in self.boards
            for line in board.lines
        ]
        counts += [(latency.method, latency.dataset, latency.failed) for latency in self.latencies]
        return {(method, dataset): count for method, dataset, count in counts if count}

    def plain(self) -> list[dict[str, Any]]:
        """Return an entry per method, data set and metric; infinite numbers are None, since JSON has none."""
        return [*self._qualities(), *map(_plain_latency, self.latencies)]

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
                        }

    def table(self) -> Table:
        """Return a row per data set and method: each number, and in brackets that of the untouched input."""
        methods = dict.fromkeys(line.method for board in self.boards for line in board.lines if not _is_input(line))
        table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
        title = next(iter(methods), CONTROL) if len(methods) < 2 else "methods"
        table.title = f"{escape(title)} (in brackets the untouched input; means, for the time the median)"
        table.add_column("data set", no_wrap=True)
        table.add_column("images", justify="right")
        if len(methods) > 1:
            table.add_column("method", overflow="fold")
        for heading in (*TITLES.values(), TIME):
            table.add_column(heading, justify="right", no_wrap=True)
        for board in self.boards:
            untouched = next((line for line in board.lines if _is_input(line)), None)
            before = self._cells(board, untouched)
            about = [escape(board.dataset), str(board.images)]
            for line in [line for line in board.lines if not _is_input(line)] or board.lines:
                cells = map(_beside, self._cells(board, line), before)
                table.add_row(*about, *([escape(line.method)] if len(methods) > 1 else []), *cells)
                about = ["", ""]
        return table

    def _cells(self, board: BoardSummary, line: Line | None) -> list[str]:
        """Return the means of a line and its latency as texts."""
        if line is None:
            return ["–"] * (len(TITLES) + 1)
        times = (one.median for one in self.latencies if (one.dataset, one.method) == (board.dataset, line.method))
        return [*(_mean(line.cells.get(name)) for name in TITLES), number(next(times, None), 3)]


def _is_input(line: Line) -> bool:
    return line.method == CONTROL


def _mean(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    return "failed" if not cell.n and cell.failed else number(cell.mean)


def _beside(value: str, before: str) -> str:
    """Return `23.41 (12.98)`, or a dash where the metric does not apply."""
    return value if value == before == "–" else f"{value} [dim]({before})[/dim]"


def _plain_latency(latency: Latency) -> dict[str, Any]:
    return {
        "method": latency.method,
        "params": json.loads(latency.params),
        "dataset": latency.dataset,
        "split": latency.split,
        "metric": "latency_ms",
        "unit": "ms",
        "better": "lower",
        "mean": latency.mean,
        "n": latency.n,
        "failed": latency.failed,
        "skipped": 0,
        "median": latency.median,
        "iqr": latency.iqr,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
