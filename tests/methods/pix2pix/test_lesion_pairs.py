"""Pairs with and without lesions."""

import numpy as np
import pytest
from usbench.methods.deep.looks import TwoLooks
from usbench.methods.pix2pix.bmode_frames import BmodeFrames
from usbench.methods.pix2pix.lesion_pairs import CLASSES, LesionPairs, WithoutLesions, class_of
from usbench.methods.pix2pix.pairs import ImagePool

import usbench


@pytest.fixture(scope="module")
def pairs():
    mri = ImagePool(sources=[usbench.load_dataset("mri[template=2,redrawn=2]", split="train")])
    natural = ImagePool(sources=[usbench.load_dataset("natural[size=128]", split="train")])
    rayleigh = usbench.load_simulator("rayleigh")
    frames = BmodeFrames({"a patient": [lambda: [speckled_step()]]})
    return LesionPairs(mri, natural, 64, usbench.load_simulator("gamma"), rayleigh, frames)


def speckled_step() -> np.ndarray:
    """Return a frame of two tissues with a bright line between them, uint8."""
    clean = np.full((160, 160), 0.5, np.float32)
    clean[:, 80:] = 0.65
    clean[:, 78:82] = 1
    made = usbench.load_simulator("psf[axial=1.2,lateral=2]").simulate(clean, np.random.default_rng(0))
    return np.round(made.image * 255).astype(np.uint8)


def of_class(kind: str, count: int) -> list[int]:
    """Return the numbers of the first pairs of a class."""
    return [number for number in range(600) if class_of(number) == kind][:count]


def test_classes_have_their_shares():
    kinds = [class_of(number) for number in range(1200)]
    for kind in set(CLASSES):
        assert kinds.count(kind) / 1200 == pytest.approx(CLASSES.count(kind) / len(CLASSES), abs=0.04)


@pytest.mark.parametrize("index", [number for kind in sorted(set(CLASSES)) for number in of_class(kind, 3)])
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
    same = [np.array_equal(*pairs(number)) for number in of_class("none", 20)]
    assert 0.3 < np.mean(same) < 0.9


def test_the_reference_of_a_real_frame_is_smooth_and_in_place(pairs):
    ratios, residues = [], []
    for number in of_class("real", 8):
        image, reference = (planes[0].astype(np.float64) for planes in pairs(number))
        ratios.append(np.abs(np.diff(reference, axis=0)).mean() / np.abs(np.diff(image, axis=0)).mean())
        residues.append((image - reference).mean())
    assert max(ratios) < 0.3
    assert np.abs(residues).max() < 0.03


def test_without_frames_their_share_is_scanned(pairs):
    number = of_class("real", 1)[0]
    plain = LesionPairs(pairs.mri, pairs.natural, 64, pairs.painter, pairs.rayleigh)
    assert WithoutLesions(plain).has_clean(number)
    assert not WithoutLesions(pairs).has_clean(number)
    assert not np.array_equal(plain(number)[0], pairs(number)[0])


def test_two_looks_pass_over_real_frames(pairs):
    source = WithoutLesions(pairs)
    image = source(of_class("real", 1)[0])[0]
    first, second = TwoLooks(source)(of_class("real", 1)[0])
    assert not np.array_equal(first, image)
    assert not np.array_equal(first, second)


def test_the_first_halves_are_pairs_without_lesions(pairs):
    image, reference = WithoutLesions(pairs)(3)
    assert np.array_equal(image, pairs(3)[0][0])
    assert np.array_equal(reference, pairs(3)[1][0])


def test_without_a_painter_its_share_is_scanned(pairs):
    plain = LesionPairs(pairs.mri, pairs.natural, 64, None, pairs.rayleigh)
    images, _ = plain(of_class("gan-s", 1)[0])
    assert images.shape == (2, 64, 64)


@pytest.mark.parametrize("index", [number for kind in ("scanner", "gan-s", "rayleigh") for number in of_class(kind, 1)])
def test_a_second_look_has_the_same_scene_and_other_speckle(pairs, index):
    first = WithoutLesions(pairs).simulated(index)
    again = WithoutLesions(pairs).simulated(index, np.random.default_rng(5))
    assert not np.array_equal(first.image, again.image)
    assert np.abs(first.reference - again.reference).mean() < 0.02
    fine = [(one.image - one.reference).ravel() for one in (first, again)]
    assert abs(np.corrcoef(*fine)[0, 1]) < 0.3
