"""Leaderboards on disk: simulated, real and speed are boards of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from usbench.board.delimited import QUALITY_FIELDS, SPEED_FIELDS, csv_text
from usbench.board.latex import latex
from usbench.board.markdown import quality_markdown, speed_markdown
from usbench.board.wording import Entry
from usbench.errors import StoreError


def write_tables(entries: Sequence[Entry], notes: Mapping[str, str], folder: Path) -> list[Path]:
    """Write `simulated` and `real` as .md, .csv and .tex, `speed` as .md and .csv, and return the files.

    The same entries give the same bytes.

    Parameters
    ----------
    entries
        As `summarise` returns them.
    notes
        What to say beside a method's name: a licence that forbids commercial use, say.
    folder
        Made if it does not exist.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    quality = [entry for entry in entries if entry["metric"] != "latency_ms"]
    speed = [entry for entry in entries if entry["metric"] == "latency_ms"]
    texts = {}
    for kind in ("simulated", "real"):
        chosen = [entry for entry in quality if entry["kind"] == kind]
        texts[f"{kind}.md"] = quality_markdown(kind, chosen, notes)
        texts[f"{kind}.csv"] = csv_text(chosen, QUALITY_FIELDS)
        texts[f"{kind}.tex"] = latex(kind, chosen)
    texts["speed.md"] = speed_markdown(speed, notes)
    texts["speed.csv"] = csv_text(speed, SPEED_FIELDS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StoreError(f"The leaderboards cannot be written to {folder}: {error.strerror or error}.") from None
    return [folder / name for name in texts]
