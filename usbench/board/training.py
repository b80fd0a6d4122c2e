"""The training board: what each network was trained on, for how long, and how large it is."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import pandas as pd

from usbench.board.wording import number, spreadsheet_text, table_row, whole

INTRO = (
    "What each trained network that the package ships was given: pairs is how many crops it saw, rate the learning "
    "rate, chosen on validation pairs from those in brackets by short trainings where there are any, core min how long "
    "the training kept one core of the machine beside it busy (the trials not counted). Multiply-adds are for an image "
    "of 256 x 256, where it was timed. Networks with the same pairs and as many of them may be compared as methods; "
    "others differ in their training as well."
)
HEADS = (
    "method", "network", "parameters", "GMAC", "pairs", "crop", "core min", "rate", "loss", "trained on", "hardware",
)  # fmt: skip
TEXT = ("method", "network", "rate", "loss", "trained on", "hardware")  # columns that are not numbers
SIZE = 256  # pixels, of the image that multiply-adds are counted for


@dataclass(frozen=True)
class Training:
    """How the weights of a method were trained; None and empty texts are not known.

    Attributes
    ----------
    method, network
        Names.
    parameters, macs
        Trained parameters, and multiply-adds for an image of 256 x 256.
    images_seen, crop
        Crops that the network was trained on, counted as often as it saw them, and their side in pixels.
    products
        Data sets that the crops are from.
    objective
        The losses with their weights.
    learning_rate, tried
        The rate, and those that it was chosen from.
    core_seconds, hardware
        How long processor cores worked for the training (of old weights: how long it took), and which.
    """

    method: str
    network: str
    parameters: float | None
    macs: float | None
    images_seen: int | None
    crop: int | None
    products: str
    objective: str
    learning_rate: float | None
    tried: str
    core_seconds: float | None
    hardware: str


def trainings(cards: Mapping[str, Mapping[str, Any]], speeds: pd.DataFrame) -> list[Training]:
    """Return a line per trained method, by name.

    Parameters
    ----------
    cards
        Of the weights, by method, as `usbench train` writes them.
    speeds
        As `current_speeds` returns them; parameters and multiply-adds are from there.
    """
    return [_training(name, card, *_work(name, speeds)) for name, card in sorted(cards.items())]


def training_markdown(lines: Sequence[Training]) -> str:
    """Return the page of the training board."""
    rows = [
        table_row(HEADS),
        table_row("---" if head in TEXT else "---:" for head in HEADS),
    ]
    return "\n".join(["# Training", "", INTRO, "", *rows, *(table_row(training_cells(line)) for line in lines)]) + "\n"


def training_csv(lines: Sequence[Training]) -> str:
    """Return the lines as CSV; what is not known is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(field.name for field in fields(Training))
    writer.writerows(map(spreadsheet_text, astuple(line)) for line in lines)
    return stream.getvalue()


def training_cells(line: Training) -> list[str]:
    """Return a line as the texts of a table, in the order of `HEADS`."""
    tried = f" ({line.tried})" if line.tried else ""
    return [
        line.method,
        line.network,
        whole(line.parameters),
        "–" if line.macs is None else number(line.macs / 1e9, 3),
        whole(line.images_seen),
        f"{line.crop}²" if line.crop else "–",
        "–" if line.core_seconds is None else number(line.core_seconds / 60, 2 if line.core_seconds < 600 else 3),
        f"{line.learning_rate:g}{tried}" if line.learning_rate else "–",
        line.objective or "–",
        line.products or "–",
        line.hardware or "–",
    ]


def _training(name: str, card: Mapping[str, Any], parameters: float | None, macs: float | None) -> Training:
    objective = card.get("objective", {})
    weights = {loss: weight for loss, weight in objective.items() if weight and loss != "adversarial_from"}
    return Training(
        method=name,
        network=card.get("network", ""),
        parameters=parameters,
        macs=macs,
        images_seen=card.get("images_seen"),
        crop=card.get("crop"),
        products=", ".join(dict.fromkeys(card.get("products", ()))),
        objective=" + ".join(loss if weight == 1 else f"{weight:g} {loss}" for loss, weight in weights.items()),
        learning_rate=card.get("learning_rate"),
        tried=", ".join(str(trial["learning_rate"]) for trial in card.get("trials", ())),
        core_seconds=card.get("core_seconds", card.get("seconds")),
        hardware=card.get("hardware", ""),
    )


def _work(name: str, speeds: pd.DataFrame) -> tuple[float | None, float | None]:
    """Return a method's parameters and multiply-adds, if it was timed."""
    if len(speeds):
        counted = speeds[(speeds["method"] == name) & (speeds["size"] == SIZE) & (speeds["batch"] == 1)].dropna(
            subset=["parameters", "macs"]
        )
        if len(counted):
            return float(counted["parameters"].iloc[-1]), float(counted["macs"].iloc[-1])
    return None, None
