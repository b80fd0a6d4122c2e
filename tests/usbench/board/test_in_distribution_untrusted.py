"""What rows of strangers say of a method's training."""

import json
import os

import pytest

from usbench.board.in_distribution import seen
from usbench.board.setting import Setting


@pytest.mark.parametrize("stated", ["", '["mri+psf/train"]'])
@pytest.mark.timeout(60)
def test_parameters_of_rows_name_no_card_that_the_boards_read(stated, tmp_path):
    """`weights` of a network is the path of a card; what the rows state counts, and the file is not opened."""
    os.mkfifo(tmp_path / "card.json")  # opening it hangs
    params = json.dumps({"weights": str(tmp_path / "card.json"), "exact": False})
    assert seen(Setting("dncnn", params, "", stated), "mri+psf").source
