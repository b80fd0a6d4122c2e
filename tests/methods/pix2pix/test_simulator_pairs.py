"""Training pairs of `S`."""

import numpy as np
import pytest
from usbench.methods.pix2pix.bmode_frames import BmodeFrames
from usbench.methods.pix2pix.pairs import ImagePool
from usbench.methods.pix2pix.simulator_pairs import SimulatorPairs, styles_of
from usbench.methods.pix2pix.style import CONTRAST_SCALE

import usbench
from usbench.core.rng import generator


@pytest.fixture(scope="module")
def pairs():
    dataset = usbench.load_dataset("phantom[count=3]+processed")

    def read(number: int) -> list[np.ndarray]:
        return [np.round(dataset[number].image * 255).astype(np.uint8)]

    frames = BmodeFrames({str(number): [lambda number=number: read(number)] for number in range(3)})
    return SimulatorPairs(frames, ImagePool(sources=[usbench.load_dataset("mri[template=3,redrawn=0]")]), 96)


def test_a_pair_is_two_drawings_one_on_mri_and_the_frame(pairs):
    source, target = pairs(3)
    assert source.shape == (18, 96, 96)
    assert target.shape == (96, 96)
    assert source.dtype == target.dtype == np.float32
    first, second, mri = source.reshape(3, 6, 96, 96)
    for condition in (first[0], mri[0]):
        assert len(np.unique(condition)) <= 8
    assert np.array_equal(first[0], second[0])
    assert abs(np.corrcoef(first[1].ravel(), second[1].ravel())[0, 1]) < 0.3
    assert np.array_equal(first[4:], second[4:])
    assert np.array_equal(pairs(3)[0], source)


def test_neighbours_share_their_slice_and_not_their_speckle(pairs):
    one, two, other = (pairs(number)[0][12:] for number in (4, 5, 6))
    assert np.array_equal(one[0], two[0])
    assert not np.array_equal(one[1], two[1])
    assert not np.array_equal(one[0], other[0])


def test_conditions_hold_no_speckle_but_their_own_share_of_them(pairs):
    fine = {version: [] for version in (0, 3)}
    for version, found in fine.items():
        for number in range(12):
            condition, target, _ = pairs.conditioned(generator("test", number), version)
            found.append(np.abs(np.diff(condition, axis=1)).mean() / np.abs(np.diff(target, axis=1)).mean())
    assert np.median(fine[3]) < 0.5 * np.median(fine[0])


def test_styles_leave_out_the_strongest_and_the_widest(pairs):
    styles = styles_of(pairs, 40, "test")
    assert 10 < len(styles) < 40
    assert all(0 < style.contrast * CONTRAST_SCALE < 2 and style.gain >= 0.5 for style in styles)
