"""Leaderboards as CSV: every number that the other tables round."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from usbench.board.latency import Latency
from usbench.board.summary import BoardSummary

LATENCY_FIELDS = (
    "dataset", "split", "method", "params", "median", "iqr", "mean", "n", "failed", "hardware", "threads", "device",
)  # fmt: skip
QUALITY_FIELDS = (
    "dataset", "split", "method", "params", "tuning", "flags", "metric", "unit", "better", "mean", "ci_low", "ci_high",
    "n", "failed", "skipped", "absent", "groups", "place", "alike", "p_best", "mean_rank",
    "critical_difference", "wins",
)  # fmt: skip


def quality_csv(boards: Iterable[BoardSummary]) -> str:
    """Return a line for every setting and metric of the boards; numbers that do not exist are empty."""
    return _csv(QUALITY_FIELDS, (line for board in boards for line in _quality_lines(board)))


def latency_csv(latencies: Iterable[Latency]) -> str:
    """Return a line for every latency; numbers that do not exist are empty."""
    taken = sorted(latencies, key=lambda latency: (latency.dataset, latency.split, latency.method))
    return _csv(
        LATENCY_FIELDS,
        (
            [_sorted_json(latency.params) if name == "params" else getattr(latency, name) for name in LATENCY_FIELDS]
            for latency in taken
        ),
    )


def _quality_lines(board: BoardSummary) -> Iterator[Sequence[object]]:
    params = {line.setting.params: _sorted_json(line.setting.params) for line in board.lines}
    lines = sorted(board.lines, key=lambda line: not line.superseded)
    filled = [(line, column) for line in lines for column in board.columns if column.name in line.cells]
    for line, column in sorted(filled, key=lambda found: (found[0].method, found[0].tuning, found[1].name)):
        cell = line.cells[column.name]
        yield (
            board.dataset, board.split, line.method, params[line.setting.params], line.tuning, line.flags,
            column.name, column.unit, column.better, cell.mean, cell.ci_low, cell.ci_high,
            cell.n, cell.failed, cell.skipped, cell.absent, column.groups, cell.place, cell.alike, cell.p_best,
            cell.mean_rank, column.critical_difference, cell.wins,
        )  # fmt: skip


def _sorted_json(params: str) -> str:
    return json.dumps(json.loads(params), sort_keys=True)


def _csv(fields: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows(lines)
    return stream.getvalue()
