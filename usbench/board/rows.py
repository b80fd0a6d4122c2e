"""Which of the stored rows count (the newest of a setting on a sample), and which method they are of."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from usbench.core.errors import StoreError, UsageError
from usbench.core.parameters import did_you_mean
from usbench.core.untrusted import printable

IDENTITY = ["method", "params", "tuning", "dataset", "split", "sample"]


def current_rows(rows: pd.DataFrame, *folders: Path) -> pd.DataFrame:
    """Return the quality rows without those that a later run has computed again.

    Parameters
    ----------
    rows
        As `Store.read` returns them, of one folder or of several.
    folders
        The results folders; their run files say which run was later.
    """
    if not len(rows):
        return rows
    rows = printable_texts(with_tuning(rows))
    keys, key_of = np.unique(rows["key"].astype(object), return_inverse=True)
    ages = _ages(folders)
    age = np.array([ages.get(key, -1) for key in keys])[key_of]
    oldest_first = rows.iloc[np.lexsort((key_of, age))]
    kept = ~oldest_first.duplicated(IDENTITY, keep="last")
    return oldest_first[kept].sort_index().reset_index(drop=True)


def with_tuning(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a text in the column `tuning`, which rows of earlier versions do not have."""
    return rows.assign(tuning=rows["tuning"].fillna("") if "tuning" in rows else "")


def printable_texts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with control characters of texts escaped: whatever is made of them shows no others."""
    changed = {}
    for name in rows.columns.astype(str):
        if not pd.api.types.is_numeric_dtype(rows[name].dtype):
            plain = {text: printable(text) for text in rows[name].unique() if isinstance(text, str)}
            if any(text != shown for text, shown in plain.items()):
                changed[name] = rows[name].astype(object).map(lambda text, plain=plain: plain.get(text, text))
    return rows.assign(**changed)


def _ages(folders: Sequence[Path]) -> dict[str, int]:
    """Return the number of the last run that planned each key; names of run files sort by time."""
    ages: dict[str, int] = {}
    files = [path for folder in folders for path in (folder / "runs").glob("*.json")]
    for number, path in enumerate(sorted(files, key=lambda path: path.name)):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            ages.update(dict.fromkeys(json.loads(path.read_text(encoding="utf-8"))["keys"], number))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(f"The run file {path} cannot be read ({error}); delete it and run again.") from None
    return ages


def method_label(rows: pd.DataFrame, name: str) -> str:
    """Return the label of a method in the rows; it may be given as a label or as a .py file.

    Of several settings of a file, it is the one with the default parameters.

    Raises
    ------
    UsageError
        If the rows do not have the method.
    """
    labels = rows["method"].unique().tolist()
    if name in labels:
        return name
    if name.endswith(".py"):
        of_file = rows.loc[rows["origin"] == str(Path(name).expanduser().resolve()), "method"].unique().tolist()
        defaults = [label for label in of_file if "[" not in label]
        if len(of_file) == 1 or len(defaults) == 1:
            return (defaults or of_file)[0]
        if of_file:
            raise UsageError(f"The results have {len(of_file)} settings of {name}; name one: {', '.join(of_file)}.")
    have = f"they have {', '.join(sorted(labels))}" if len(labels) <= 12 else f"they have {len(labels)} others"
    raise UsageError(f"The results have no rows of {name!r}; {have}.{did_you_mean(name, labels)}")
