"""Cards on the page do not depend on whose machine makes it."""

import usbench
from usbench.board.cards import dataset_cards


def test_a_real_set_has_its_card_where_its_images_are_not(monkeypatch, tmp_path):
    monkeypatch.setenv("USBENCH_DATA", str(tmp_path))
    labels = ["hc18", "busi[whole=True]", "folder[path=/nowhere]", "mri+psf[axial=2]", "echo"]
    cards = dataset_cards([*labels, "of-somebody-else", "mri+unknown"])
    assert list(cards) == labels
    assert "Challenge" in cards["hc18"]["title"] or "HC18" in cards["hc18"]["title"]
    assert cards["mri+psf[axial=2]"] == usbench.load_dataset("mri+psf[axial=2]").card.model_dump(mode="json")
