"""The training board: on how much each network was trained, and how large it is."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from usbench.board.wording import number, table_row, whole

INTRO = (
    "What each trained network that the package ships was given: pairs is how many crops it saw, rate the learning "
    "rate, chosen on validation pairs from those in brackets by short trainings where there are any, minutes the "
    "time on the machine beside it (the trials not counted). Multiply-adds are for an image of 256 x 256, where it was "
    "timed. Networks with the same pairs and as many of them may be compared as methods; others differ in their "
    "training as well."
)
HEADS = (
    "method", "network", "parameters", "GMAC", "pairs", "crop", "minutes", "rate", "loss", "trained on", "hardware",
)  # fmt: skip
TEXT = ("method", "network", "rate", "loss", "trained on", "hardware")  # columns that are not numbers
FIELDS = (
    "method", "network", "parameters", "macs", "images_seen", "crop", "products", "objective", "learning_rate", "tried",
    "seconds", "hardware",
)  # fmt: skip
SIZE = 256  # pixels, of the image that multiply-adds are counted for


def trainings(cards: Mapping[str, Mapping[str, Any]], speeds: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a line per trained method, by name.

    Parameters
    ----------
    cards
        Of the weights, by method: what `usbench train` wrote beside them.
    speeds
        As `current_speeds` returns them; parameters and multiply-adds are from there.
    """
    return [_line(name, card, *_work(name, speeds)) for name, card in sorted(cards.items())]


def training_markdown(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of the training board."""
    rows = [
        table_row(HEADS),
        table_row("---" if head in TEXT else "---:" for head in HEADS),
    ]
    return "\n".join(["# Training", "", INTRO, "", *rows, *(table_row(training_cells(line)) for line in lines)]) + "\n"


def training_csv(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the lines as CSV; what a card does not say is empty."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return stream.getvalue()


def training_cells(line: Mapping[str, Any]) -> list[str]:
    """Return a line as the texts of a table, in the order of `HEADS`."""
    tried = f" ({line['tried']})" if line["tried"] else ""
    return [
        line["method"],
        line["network"],
        whole(line["parameters"]),
        "–" if line["macs"] is None else number(line["macs"] / 1e9, 3),
        whole(line["images_seen"]),
        f"{line['crop']}²" if line["crop"] else "–",
        "–" if line["seconds"] is None else number(line["seconds"] / 60, 2 if line["seconds"] < 600 else 3),
        f"{line['learning_rate']:g}{tried}" if line["learning_rate"] else "–",
        line["objective"] or "–",
        line["products"] or "–",
        line["hardware"] or "–",
    ]


def _line(name: str, card: Mapping[str, Any], parameters: float | None, macs: float | None) -> dict[str, Any]:
    objective = card.get("objective", {})
    weights = {loss: weight for loss, weight in objective.items() if weight and loss != "adversarial_from"}
    products = dict.fromkeys(card.get("products", ()))
    return {
        "method": name,
        "network": card.get("network", ""),
        "parameters": parameters,
        "macs": macs,
        "images_seen": card.get("images_seen"),
        "crop": card.get("crop"),
        "products": ", ".join(products),
        "objective": " + ".join(loss if weight == 1 else f"{weight:g} {loss}" for loss, weight in weights.items()),
        "learning_rate": card.get("learning_rate"),
        "tried": ", ".join(str(trial["learning_rate"]) for trial in card.get("trials", ())),
        "seconds": card.get("seconds"),
        "hardware": card.get("hardware", ""),
    }


def _work(name: str, speeds: pd.DataFrame) -> tuple[float | None, float | None]:
    """Return a method's parameters and multiply-adds, if it was timed."""
    if len(speeds):
        counted = speeds[(speeds["method"] == name) & (speeds["size"] == SIZE) & (speeds["batch"] == 1)].dropna(
            subset=["parameters", "macs"]
        )
        if len(counted):
            return float(counted["parameters"].iloc[-1]), float(counted["macs"].iloc[-1])
    return None, None
