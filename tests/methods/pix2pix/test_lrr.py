"""The low-radiometric-resolution image, against a transcription with plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usbench.methods.pix2pix.lrr import low_radiometric_resolution, low_resolution_input


def transcription(image: np.ndarray) -> np.ndarray:
    scaled = (image - image.min()) / (image.max() - image.min()) * 255
    levels = 32 * np.floor(scaled / 32)
    for _ in range(2):
        padded = np.pad(levels, 1, mode="edge")
        levels = np.array(
            [[np.median(padded[r : r + 3, c : c + 3]) for c in range(image.shape[1])] for r in range(image.shape[0])]
        )
    return levels / 255


def test_lrr_is_quantised_and_median_filtered_twice():
    image = np.random.default_rng(0).random((13, 17))
    assert np.allclose(low_radiometric_resolution(image), transcription(image))


@given(gain=st.floats(0.1, 1), offset=st.floats(0, 5))
@settings(max_examples=20, deadline=None)
def test_lrr_does_not_depend_on_gain_and_offset(gain, offset):
    image = np.random.default_rng(1).integers(0, 33, (12, 12)) / 32 * 0.999
    assert np.array_equal(
        low_radiometric_resolution(gain * image + offset) > 0.5, low_radiometric_resolution(image) > 0.5
    )


def test_lrr_has_eight_levels_and_of_a_constant_is_black():
    levels = np.unique(np.round(255 * low_radiometric_resolution(np.linspace(0, 1, 4000).reshape(50, 80))))
    assert set(levels) == {0, 32, 64, 96, 128, 160, 192, 224}
    assert not low_radiometric_resolution(np.full((4, 4), 0.7)).any()


def test_the_input_of_s_is_the_coarse_image_and_speckle_of_a_random_grain():
    image = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    first, again, other = (low_resolution_input(image, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[1], other[1])
    assert np.array_equal(first[0], low_radiometric_resolution(image))
    # 0.5 + 0.2 ln of a Rayleigh envelope of unit mean square: mean 0.5 - 0.2 * 0.2886, deviation 0.2 * 0.641
    speckle = np.stack([low_resolution_input(image, np.random.default_rng(seed))[1] for seed in range(30)])
    assert speckle.mean() == pytest.approx(0.5 - 0.2 * 0.2886, abs=0.01)
    assert speckle.std() == pytest.approx(0.2 * 0.641, abs=0.01)
