"""Tables in a terminal that is wide enough, and blocks in one that is not."""

import io

import pytest
from rich.console import Console

from usbench.cli.listing import Listing

ROWS = [
    ["phantom+psf", "lee", "29.81 (23.19)", "[-0.0272, -0.0172]", "https://example.org/a/very/long/address/of/a/set"],
    ["phantom+psf", "bm3d[sigma=0.1]", "30.00 (23.19)", "–", "a [bracket] stays"],
]
HEADS = ("data set", "method", "psnr_affine, dB ↑", "[95 %]", "home")


def shown(width: int, *, terminal: bool = True) -> str:
    stream = io.StringIO()
    out = Console(file=stream, width=width, force_terminal=terminal, color_system=None)
    Listing(HEADS, ROWS, named=2, title="a title", caption="a caption").print(out)
    return stream.getvalue()


def test_a_wide_terminal_has_a_table_that_names_a_set_once():
    lines = shown(200).splitlines()
    assert lines[1].split("  ")[0] == "data set"
    assert [line.count("phantom+psf") for line in lines] == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("width", [200, 120, 80, 60])
def test_no_cell_is_cut_or_broken(width):
    lines = shown(width).splitlines()
    assert max(map(len, lines)) <= width
    cells = {cell for row in ROWS for cell in row if cell != "–"}
    assert [cell for cell in cells if not any(cell in line for line in lines)] == []


def test_a_terminal_of_20_columns_shows_every_letter_and_nothing_wider():
    lines = shown(20).splitlines()
    assert max(map(len, lines)) <= 20
    letters = "".join("".join(lines).split())
    assert all("".join(cell.split()) in letters for row in ROWS for cell in row if cell != "–")


def test_a_file_gets_the_table_in_full_whatever_its_width():
    assert shown(20, terminal=False).splitlines()[1:] == shown(200).splitlines()[1:]
