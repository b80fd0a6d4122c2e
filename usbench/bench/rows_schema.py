"""The schema of stored rows, checked before rows that may have come from outside are ranked, shown or merged."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.bench.store import SPEED, UNITS
from usbench.core.errors import StoreError
from usbench.core.untrusted import printable
from usbench.evaluation.evaluate import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = {"protocol"}
FORMER = {"params_hash", "code_hash"}  # texts in rows of 0.1
TEXTS = {
    UNITS: {*COLUMNS, *FORMER, "key"} - NUMBERS,
    SPEED: {"method", "params", "origin", "device", "hardware", "taken", "status", "reason", "key"},
}
REQUIRED = {
    UNITS: ("method", "params", "dataset", "split", "kind", "sample", "group", "status", "specs", "skipped"),
    SPEED: (
        "method", "params", "device", "hardware", "threads", "size", "batch", "taken", "status", "busy", "median_ms",
        "iqr_ms", "prepare_s", "peak_mib", "parameters", "macs",
    ),
}  # fmt: skip
COUNTS = {UNITS: (), SPEED: ("threads", "size", "batch")}  # whole numbers in rows with the status ok
CHOICES = {"kind": ("clean", "simulated", "real"), "status": ("ok", "failed"), "split": ("train", "val", "test")}
OBJECTS = ("params", "specs", "skipped", "failures", "metric_versions", "libraries")
MOST = 2**40  # of a count
TUNING = {"metric": str, "split": str, "trials": int, "images": int}


def checked(rows: "pd.DataFrame", lane: str, source: Path) -> "pd.DataFrame":
    """Return the rows as they are.

    Parameters
    ----------
    rows
        Of a lane, as `Store.read` returns them.
    source
        Where they are from, for the message.

    Raises
    ------
    StoreError
        If a column is missing or has another type, or JSON in it has another form.
    """
    if not len(rows):
        return rows
    problem = _problem(rows, lane)
    if problem:
        raise StoreError(f"{source} holds no rows of usbench: {problem}.")
    return rows


def _problem(rows: "pd.DataFrame", lane: str) -> str:
    from pandas.api.types import is_numeric_dtype

    if missing := [name for name in REQUIRED[lane] if name not in rows]:
        return f"the column {missing[0]} is missing"
    for name in rows.columns:
        if name in TEXTS[lane]:
            if problem := _problem_of_texts(name, rows[name], required=name in REQUIRED[lane]):
                return problem
        elif not is_numeric_dtype(rows[name].dtype) and not rows[name].isna().all():
            return f"the column {_shown(name)} has other values than numbers"
    for name in COUNTS[lane]:
        counts = (rows if name == "threads" else rows[rows["status"] == "ok"])[name].astype(float)
        if not counts.between(1, MOST).all():
            return f"the column {name} has other values than counts"
    return ""


def _problem_of_texts(name: str, column: "pd.Series", *, required: bool) -> str:
    try:
        distinct = column.unique()
    except TypeError:  # lists and the like
        return f"the column {name} has other values than texts"
    form: Callable[[str], bool] = _forms().get(name, lambda text: True)
    for value in distinct:
        if value is None or value != value:
            if required:
                return f"the column {name} has no value in some rows"
        elif not isinstance(value, str):
            return f"the column {name} has other values than texts"
        elif not form(value):
            return f"the column {name} has the value {_shown(value)}"
    return ""


def _forms() -> dict[str, Callable[[str], bool]]:
    """Return what a text of a column has to be; a text of other columns may be any."""
    forms: dict[str, Callable[[str], bool]] = {name: _among(choices) for name, choices in CHOICES.items()}
    forms |= dict.fromkeys(OBJECTS, lambda text: isinstance(_json(text), dict))
    forms["tuning"] = lambda text: not text or _is_tuning(_json(text))
    forms["trained_on"] = lambda text: not text or _is_list_of_texts(_json(text))
    return forms


def _among(choices: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda text: text in choices


def _is_tuning(about: Any) -> bool:
    return isinstance(about, dict) and all(isinstance(about.get(name), kind) for name, kind in TUNING.items())


def _is_list_of_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _shown(value: object) -> str:
    text = printable(str(value))
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
