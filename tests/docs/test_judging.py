"""The numbers that 'how we judge' names are those of the code and of the boards."""

from pathlib import Path

import pytest
from usbench_docs.boards import undecided, with_boards

from usbench.bench import speed, timing, tune
from usbench.board import bootstrap, holm, signed_rank
from usbench.board.flags import legend

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "judging.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    "told",
    [
        f"({bootstrap.RESAMPLES:,} draws, fixed seed)",
        f"exact up to {signed_rank.EXACT_UP_TO} groups",
        f"at {holm.LEVEL:.0%}".replace("%", " %"),
        f"{tune.TRIALS} trials on {tune.IMAGES} images unless",
        f"scatters by more than {speed.BUSY:.0%}".replace("%", " %"),
        {5: "at least five repeats"}[timing.LEAST_REPEATS],
    ],
)
def test_constants(told):
    assert told in PAGE


def test_with_36_methods_fifteen_groups_are_needed():
    level = holm.LEVEL / (36 * 35 / 2)
    assert "With 36 methods that takes 15 groups" in PAGE
    assert 2.0 ** (1 - 15) < level <= 2.0 ** (1 - 14)
    assert "six groups for one test" in PAGE
    assert 2.0 ** (1 - 6) < holm.LEVEL <= 2.0 ** (1 - 5)


def test_how_many_boards_can_decide_anything():
    count, boards = undecided()
    assert 0 <= count <= boards
    assert f"not a finding ({count} of {boards} boards)." in with_boards(PAGE)


def test_the_rules_of_the_flags_are_those_of_the_code():
    assert all(f" * {rule}" in with_boards(PAGE) for rule in legend())
