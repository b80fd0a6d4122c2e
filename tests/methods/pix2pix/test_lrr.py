"""The low-radiometric-resolution image, against a transcription with plain loops."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from usbench.methods.pix2pix.lrr import low_radiometric_resolution, lrr_of_scaled


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


def test_a_level_of_8_bits_is_not_rounded_down():
    levels = np.arange(0, 256, 32, dtype=np.float32).repeat(64).reshape(8, 64).repeat(8, 0)
    assert np.array_equal(np.round(255 * lrr_of_scaled(levels / 255)), levels)


def test_with_256_levels_a_smooth_image_has_no_steps():
    ramp = np.linspace(0, 1, 4000).reshape(50, 80)
    assert np.abs(low_radiometric_resolution(ramp, 256) - ramp).max() < 2 / 255
    assert len(np.unique(low_radiometric_resolution(ramp, 16))) == 16
