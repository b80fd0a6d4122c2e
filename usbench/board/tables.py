"""Leaderboards on disk: simulated, real and speed are boards of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from usbench.board.delimited import LATENCY_FIELDS, QUALITY_FIELDS, csv_text
from usbench.board.growth import growth_figure
from usbench.board.latex import latex
from usbench.board.markdown import latency_markdown, quality_markdown, speed_markdown
from usbench.board.speed import speed_csv
from usbench.board.training import training_csv, training_markdown
from usbench.board.transfer import transfers
from usbench.board.transfer_tables import transfer_figure, transfer_markdown
from usbench.board.wording import Entry
from usbench.core.errors import StoreError


def write_tables(
    entries: Sequence[Entry],
    speeds: pd.DataFrame,
    notes: Mapping[str, str],
    folder: Path,
    studies: Sequence[Entry] = (),
    trained: Sequence[Mapping[str, Any]] = (),
) -> list[Path]:
    """Write `simulated` and `real` as .md, .csv and .tex, the other boards as .md and .csv, and return the files.

    The others are `speed`, `latency`, and, where there is something to say, `transfer` and `training`. Where methods
    were timed at four sizes or more, `figures/growth.png` shows how their times grow.

    The same entries give the same bytes.

    Parameters
    ----------
    entries
        As `summarise` returns them.
    speeds
        As `current_speeds` returns them.
    notes
        What to say beside a method's name: a licence that forbids commercial use, say.
    folder
        Made if it does not exist.
    studies
        Entries of the transfer board, as `summarise` returns them.
    trained
        As `trainings` returns them.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    quality = [entry for entry in entries if entry["metric"] != "latency_ms"]
    latencies = [entry for entry in entries if entry["metric"] == "latency_ms"]
    texts = {}
    for kind in ("simulated", "real"):
        chosen = [entry for entry in quality if entry["kind"] == kind]
        texts[f"{kind}.md"] = quality_markdown(kind, chosen, notes)
        texts[f"{kind}.csv"] = csv_text(chosen, QUALITY_FIELDS)
        texts[f"{kind}.tex"] = latex(kind, chosen)
    texts["latency.md"] = latency_markdown(latencies, notes)
    texts["latency.csv"] = csv_text(latencies, LATENCY_FIELDS)
    texts["speed.md"] = speed_markdown(speeds, notes)
    texts["speed.csv"] = speed_csv(speeds)
    tables = transfers(studies)
    if tables:
        texts["transfer.md"] = transfer_markdown(tables)
        texts["transfer.csv"] = csv_text(studies, QUALITY_FIELDS)
    if trained:
        texts["training.md"] = training_markdown(trained)
        texts["training.csv"] = training_csv(trained)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StoreError(f"The leaderboards cannot be written to {folder}: {error.strerror or error}.") from None
    growth, shares = (folder / "figures" / name for name in ("growth.png", "transfer.png"))
    drawn = [growth] * growth_figure(speeds, growth) + [shares] * transfer_figure(tables, shares)
    return [folder / name for name in texts] + drawn
