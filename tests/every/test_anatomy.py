"""What a data set shows: the field by which the page of the leaderboards is searched."""

import pytest

import usbench
from usbench import registry

MIXED = {"folder", "pluslib", "itk"}  # of several body parts, or not known


@pytest.mark.parametrize("name", registry.names("datasets"))
def test_every_set_of_one_kind_of_image_says_which(name):
    card = registry.find("datasets", name).target.card
    assert (card.anatomy == "other") == (name in MIXED)


def test_products_keep_the_anatomy_of_their_source():
    assert usbench.load_dataset("carotid+psf", split="test").card.anatomy == "vessel"
    assert usbench.load_dataset("abdomen+psf+lesions", split="test").card.anatomy == "abdomen"
    assert usbench.load_dataset("echo+lesions", split="test").card.anatomy == "heart"
