"""Pairs with and without lesions."""

import numpy as np
import pytest
from usbench.methods.pix2pix.lesion_pairs import CLASSES, LesionPairs, WithoutLesions
from usbench.methods.pix2pix.pairs import ImagePool

import usbench


@pytest.fixture(scope="module")
def pairs():
    mri = ImagePool(sources=[usbench.load_dataset("mri[template=2,redrawn=2]", split="train")])
    natural = ImagePool(sources=[usbench.load_dataset("natural[size=128]", split="train")])
    rayleigh = usbench.load_simulator("rayleigh")
    return LesionPairs(mri, natural, 64, usbench.load_simulator("gamma"), rayleigh)


@pytest.mark.parametrize("index", range(len(CLASSES)))
def test_every_class_has_lesions_in_image_and_reference(pairs, index):
    images, references = pairs(index)
    assert images.shape == references.shape == (2, 64, 64)
    assert images.dtype == references.dtype == np.float32
    for plane in (*images, *references):
        assert 0 <= plane.min() <= plane.max() <= 1
    assert np.array_equal(pairs(index)[0], images)
    answer, change = images[1] - images[0], references[1] - references[0]
    assert np.abs(change).max() > 0.01
    assert np.vdot(answer, change) / np.vdot(change, change) == pytest.approx(1, abs=0.6)


def test_images_without_speckle_are_their_own_reference(pairs):
    number = CLASSES.index("none")
    same = [np.array_equal(*pairs(number + len(CLASSES) * turn)) for turn in range(20)]
    assert 0.3 < np.mean(same) < 0.9


def test_the_first_halves_are_pairs_without_lesions(pairs):
    image, reference = WithoutLesions(pairs)(3)
    assert np.array_equal(image, pairs(3)[0][0])
    assert np.array_equal(reference, pairs(3)[1][0])


def test_without_a_painter_its_share_is_scanned(pairs):
    plain = LesionPairs(pairs.mri, pairs.natural, 64, None, pairs.rayleigh)
    images, _ = plain(CLASSES.index("gan-s"))
    assert images.shape == (2, 64, 64)
