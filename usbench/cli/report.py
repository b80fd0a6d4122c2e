"""The report of a run: a table, or JSON."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING, Any

from usbench.bench.plan import CONTROL
from usbench.board.in_distribution import SIMULATOR, SOURCE
from usbench.board.summary import BoardSummary, Cell, Line
from usbench.board.wording import ARROWS, header, number
from usbench.cli.listing import DASH, Listing
from usbench.core.head_metric import LESION_HEAD, SIMULATED_HEAD

if TYPE_CHECKING:
    import pandas as pd

# The metrics that order the boards come first; the CNR is left out where lesions tell more about contrast.
TITLES = {SIMULATED_HEAD: "psnr_affine, dB ↑", LESION_HEAD: "GE 4 dB ↓", "ssim": "SSIM ↑", "cnr": "CNR ↑"}
TIME = f"ms/image {ARROWS['lower']}"
TRAINED_ON = f"{SOURCE} {SIMULATOR}: trained on the source or the simulator of the data set"
EQUIVALENT = f"GE 4 dB: {LESION_HEAD}; below 1 is better than a Gaussian blur, 1 is no better"
BUSY = "~: the machine was busy while this was timed; time it again on an idle one"


@dataclass(frozen=True)
class Report:
    """What a run ends with.

    Attributes
    ----------
    boards
        Of its rows.
    speeds
        Its rows of the speed lane, as `current_speeds` returns them.
    asked
        Metrics that the user named; empty if a few are to be chosen.
    """

    boards: Sequence[BoardSummary]
    speeds: "pd.DataFrame"
    asked: Sequence[str] = ()

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

    def empty(self) -> list[str]:
        """Return a sentence on each metric that was asked for and has no value."""
        measured = {name for board in self.boards for name in _measured(board)}
        failed = {
            name for board in self.boards for line in board.lines for name in line.cells if line.cells[name].failed
        }
        return [
            f"{name} does not apply to any of these images; `usbench show {name}` says what it needs."
            for name in self.asked
            if name not in measured | failed
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

    def listing(self) -> Listing:
        """Return a row per data set and method: each number, and in brackets that of the untouched input."""
        methods = dict.fromkeys(line.method for board in self.boards for line in board.lines if not _is_input(line))
        several = len(methods) > 1
        rows = []
        for board in self.boards:
            untouched = next((line for line in board.lines if _is_input(line)), None)
            before = self._cells(board, untouched)
            for line in [line for line in board.lines if not _is_input(line)] or board.lines:
                cells = map(_beside, self._cells(board, line), before)
                mark = f" {line.seen.mark}" if line.seen else ""
                name = [board.dataset, line.method + mark] if several else [board.dataset + mark]
                rows.append([*name, str(board.images), *cells])
        seen = any(line.seen for board in self.boards for line in board.lines)
        busy = any(row.get("busy") for row in self.latencies.values())
        captions = {TRAINED_ON: seen, EQUIVALENT: TITLES[LESION_HEAD] in self._titles.values(), BUSY: busy}
        title = "methods" if several else next(iter(methods), CONTROL)
        return Listing(
            heads=["data set", *["method"] * several, "images", *self._titles.values(), TIME],
            rows=rows,
            named=1 + several,
            title=f"{title} (in brackets the untouched input; means, for the time the median)",
            caption="\n".join(line for line, applies in captions.items() if applies),
        )

    @cached_property
    def _titles(self) -> dict[str, str]:
        """The heads of the metrics: of those that were asked for, or else of a few that are measured."""
        columns = {column.name: column for board in self.boards for column in board.columns}
        if self.asked:
            return {name: header(columns[name]) for name in self.asked if name in columns}
        measured = {name for board in self.boards for name in _measured(board)}
        shown = {name: title for name, title in TITLES.items() if name in measured}
        return {name: title for name, title in shown.items() if name != "cnr" or LESION_HEAD not in shown}

    def _cells(self, board: BoardSummary, line: Line | None) -> list[str]:
        """Return the means of a line and its latency as texts."""
        if line is None:
            return [DASH] * (len(self._titles) + 1)
        row = self.latencies.get(line.method, {})
        latency = "~" * bool(row.get("busy")) + number(row.get("median_ms"), 3)
        return [*(_mean(line.cells.get(name)) for name in self._titles), latency]


def _measured(board: BoardSummary) -> set[str]:
    return {column.name for column in board.columns if column.measured}


def _is_input(line: Line) -> bool:
    return line.method == CONTROL


def _mean(cell: Cell | None) -> str:
    if cell is None:
        return DASH
    return "failed" if not cell.n and cell.failed else number(cell.mean)


def _beside(value: str, before: str) -> str:
    """Return `23.41 (12.98)`, or a dash where the metric does not apply."""
    return value if value == before == DASH else f"{value} ({before})"


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
