"""The numbers that 'how we judge' names are those of the code."""

import re
from pathlib import Path

import pytest
from usbench_docs.boards import GROUPS, planning_table, with_boards

from usbench.bench import speed, tune
from usbench.board import holm, intervals, paired_tests, split_half
from usbench.board.flags import legend
from usbench.board.power import power
from usbench.core import lesions

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "judging.md").read_text(encoding="utf-8")
PAGE = " ".join(TEXT.split())


@pytest.mark.parametrize(
    "sentence",
    [
        f"{tune.TRIALS} trials on {tune.IMAGES} images and {tune.SEEDS} searches",
        f"scatters by more than {speed.BUSY:.0%}".replace("%", " %"),
        f"Below {intervals.LEAST_GROUPS} groups there is no interval and no test",
        f"Student's t below {paired_tests.SIGNED_RANK_FROM} groups",
        f"family-wise error is below {holm.LEVEL:.0%}".replace("%", " %"),
        f"Below {split_half.CHANCE} the board says that its order is chance",
        "discs and ellipses of known contrast and size",
        "The board uses lesions of 4 dB",
    ],
)
def test_constants(sentence):
    assert sentence in PAGE
    assert 4 in lesions.CONTRASTS_DB


def test_the_page_is_short():
    assert len(TEXT.split()) < 1500


def test_its_pictures_are_there():
    pictures = re.findall(r"\]\((assets/\S+)\)", TEXT)
    assert len(pictures) == 2
    assert all((ROOT / "docs" / picture).is_file() for picture in pictures)


def test_the_planning_table_is_computed():
    lines = planning_table().splitlines()
    assert [int(line.split("|")[1]) for line in lines[2:]] == list(GROUPS)
    assert f"| {power(24, 0.2, 0.2, 60):.2f} |" in lines[4]
    assert lines[4] in with_boards(TEXT)


def test_the_rules_of_the_flags_are_those_of_the_code():
    assert all(f" * {rule}" in with_boards(PAGE) for rule in legend())
