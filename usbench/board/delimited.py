"""Leaderboards as CSV: every number that the others are cut from."""

import csv
import io
import json
from collections.abc import Sequence

from usbench.board.wording import Entry

QUALITY_FIELDS = (
    "dataset", "split", "method", "params", "tuning", "flags", "metric", "unit", "better", "mean", "ci_low", "ci_high",
    "n", "failed", "skipped", "absent", "groups", "place", "alike", "p_best", "mean_rank",
    "critical_difference", "wins",
)  # fmt: skip
LATENCY_FIELDS = (
    "dataset", "split", "method", "params", "median", "iqr", "mean", "n", "failed", "hardware", "threads", "device",
)  # fmt: skip


def csv_text(entries: Sequence[Entry], fields: Sequence[str]) -> str:
    """Return the entries as CSV, sorted, with the parameters as JSON; numbers that do not exist are empty."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fields, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    keys = [field for field in ("dataset", "split", "method", "tuning", "metric") if field in fields]
    for entry in sorted(entries, key=lambda entry: [str(entry[key]) for key in keys]):
        flat = {field: entry.get(field) for field in fields}
        writer.writerow(flat | {"params": json.dumps(entry["params"], sort_keys=True)})
    return stream.getvalue()
