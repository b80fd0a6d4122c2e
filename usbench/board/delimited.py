"""Leaderboards as CSV: every number that the other tables round."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from usbench.board.summary import BoardSummary
from usbench.board.wording import spreadsheet_text

FIELDS = (
    "dataset", "split", "method", "params", "tuning", "setting", "in_distribution", "flags",
    "metric", "unit", "better", "mean", "ci_low", "ci_high",
    "n", "failed", "skipped", "absent", "groups", "place", "alike", "p_best", "mean_rank",
    "critical_difference", "wins", "split_half_tau",
)  # fmt: skip


def quality_csv(boards: Iterable[BoardSummary]) -> str:
    """Return a line for every setting and metric of the boards; numbers that do not exist are empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for board in boards:
        writer.writerows(map(spreadsheet_text, line) for line in _lines(board))
    return stream.getvalue()


def _lines(board: BoardSummary) -> Iterator[Sequence[object]]:
    params = {line.setting.params: json.dumps(line.params, sort_keys=True) for line in board.lines}
    lines = sorted(board.lines, key=lambda line: not line.superseded)
    filled = [(line, column) for line in lines for column in board.columns if column.name in line.cells]
    for line, column in sorted(filled, key=lambda found: (found[0].method, found[0].tuning, found[1].name)):
        cell = line.cells[column.name]
        yield (
            board.dataset, board.split, line.method, params[line.setting.params], line.tuning,
            line.role, cell.seen.words, line.flags,
            column.name, column.unit, column.better, cell.mean, cell.ci_low, cell.ci_high,
            cell.n, cell.failed, cell.skipped, cell.absent, column.groups, cell.place, cell.alike, cell.p_best,
            cell.mean_rank, column.critical_difference, cell.wins, column.tau,
        )  # fmt: skip
