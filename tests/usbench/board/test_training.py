"""The table of what each network was trained on."""

import csv
import io

import pandas as pd

from usbench import registry
from usbench.board.cards import weights_cards
from usbench.board.leaderboards import Leaderboards
from usbench.board.page.payload import payload
from usbench.board.training import HEADS, training_cells, training_csv, training_markdown, trainings

CARD = {
    "network": "unet", "images_seen": 10240, "crop": 128, "products": ["a+b", "c+d", "a+b"], "learning_rate": 0.001,
    "objective": {"l1": 1.0, "structure": 0.1, "adversarial": 0.0, "adversarial_from": 0.5}, "core_seconds": 333,
    "hardware": "1 x Chip",
    "trials": [{"learning_rate": "2e-4", "psnr": 20.0}, {"learning_rate": "1e-3", "psnr": 22.0}],
}  # fmt: skip
SPEEDS = pd.DataFrame(
    [
        {"method": "unet", "size": 256, "batch": 1, "parameters": 1234567.0, "macs": 2.5e9},
        {"method": "unet", "size": 512, "batch": 1, "parameters": 1234567.0, "macs": 1e10},
        {"method": "lee", "size": 256, "batch": 1, "parameters": None, "macs": None},
    ]
)


def test_a_line_says_what_the_card_and_the_speed_board_say():
    (line,) = trainings({"unet": CARD}, SPEEDS)
    assert dict(zip(HEADS, training_cells(line), strict=True)) == {
        "method": "unet", "network": "unet", "parameters": "1,234,567", "GMAC": "2.50", "pairs": "10,240",
        "crop": "128²", "core min": "5.5", "rate": "0.001 (2e-4, 1e-3)", "loss": "l1 + 0.1 structure",
        "trained on": "a+b, c+d", "hardware": "1 x Chip",
    }  # fmt: skip
    assert "| unet | unet | 1,234,567 |" in training_markdown([line])
    (row,) = csv.DictReader(io.StringIO(training_csv([line])))
    assert row["macs"] == "2500000000.0"
    assert row["core_seconds"] == "333"


def test_what_is_not_known_is_a_dash():
    (line,) = trainings({"mine": {}}, pd.DataFrame())
    assert set(training_cells(line)[1:]) <= {"–", ""}


def test_lines_are_in_the_page():
    data = payload(Leaderboards(trainings=tuple(trainings({"unet": CARD}, SPEEDS))))
    assert data["training"]["heads"] == list(HEADS)
    assert data["training"]["lines"][0][0] == "unet"


def test_every_method_that_ships_weights_has_a_line():
    cards = weights_cards()
    shipping = {
        name
        for name, method in registry.working("methods").items()
        if hasattr(method, "weights_index") and method.weights_index().is_file()
    }
    assert set(cards) == shipping
    assert {"gan-d", "gan-d-paper", "gan-recpad"} <= set(cards)
    assert all(card["images_seen"] > 0 and card["seconds"] > 0 for card in cards.values())
