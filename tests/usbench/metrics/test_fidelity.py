"""Fidelity metrics against scikit-image, piq and closed forms."""

import warnings

import numpy as np
import pytest
import skimage.metrics
from hypothesis import given
from hypothesis import strategies as st

from usbench.core.errors import ImageError
from usbench.metrics.fidelity import mae, psnr, psnr_affine, psnr_matched, ssim


@pytest.fixture(scope="module")
def images() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    reference = np.clip(rng.random((90, 70)).cumsum(0).cumsum(1) / 3000 + 0.1 * rng.random((90, 70)), 0, 1)
    return np.clip(reference + 0.1 * rng.standard_normal(reference.shape), 0, 1), reference


def test_psnr_is_scikit_images(images):
    estimate, reference = images
    assert psnr(estimate, reference) == pytest.approx(
        skimage.metrics.peak_signal_noise_ratio(reference, estimate, data_range=1), abs=1e-9
    )


def test_psnr_uses_the_decimal_logarithm():
    # natural log: 10 ln(1 / 0.01) = 46.05 where 20 dB is right
    assert psnr(np.full((4, 4), 0.6), np.full((4, 4), 0.5)) == pytest.approx(20.0)


def test_psnr_peak_is_one_not_255():
    # peak 255 on [0, 1] data adds 20 log10(255) = 48.13 dB
    assert psnr(np.zeros((4, 4)), np.full((4, 4), 0.5)) == pytest.approx(10 * np.log10(4))


def test_psnr_peak_is_not_taken_from_the_output():
    # with the output's maximum of 0.2 as peak, this would be 14 dB less
    assert psnr(np.full((4, 4), 0.2), np.full((4, 4), 0.1)) == pytest.approx(20.0)


def test_psnr_error_is_the_frobenius_norm_not_the_spectral_one():
    estimate, reference = np.eye(8) * 0.5, np.zeros((8, 8))
    spectral = -20 * np.log10(np.linalg.norm(estimate, 2) / 8)
    frobenius = -20 * np.log10(np.linalg.norm(estimate, "fro") / 8)
    assert psnr(estimate, reference) == pytest.approx(frobenius)
    assert abs(spectral - frobenius) > 9


def test_psnr_of_identical_images_is_infinite(images):
    assert psnr(images[0], images[0]) == np.inf


def test_psnr_affine_is_psnr_after_a_fit_by_lstsq(images):
    estimate, reference = images
    design = np.stack([estimate.ravel(), np.ones(estimate.size)], 1)
    fit = design @ np.linalg.lstsq(design, reference.ravel(), rcond=None)[0]
    assert psnr_affine(estimate, reference) == pytest.approx(psnr(fit.reshape(reference.shape), reference), abs=1e-8)


@given(gain=st.floats(0.05, 0.9), offset=st.floats(0, 0.1))
def test_psnr_affine_ignores_brightness_and_contrast(gain, offset):
    rng = np.random.default_rng(0)
    reference, estimate = rng.random((2, 12, 12))
    assert psnr_affine(gain * estimate + offset, reference) == pytest.approx(psnr_affine(estimate, reference), abs=1e-6)


def test_psnr_affine_of_a_constant_is_that_of_the_mean(images):
    _, reference = images
    assert psnr_affine(np.full_like(reference, 0.3), reference) == pytest.approx(-10 * np.log10(reference.var()))


def test_ssim_is_scikit_images(images):
    estimate, reference = images
    expected = skimage.metrics.structural_similarity(
        reference, estimate, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1
    )
    assert ssim(estimate, reference) == pytest.approx(expected, abs=1e-10)


def test_ssim_is_piqs_without_downsampling(images):
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import piq

    estimate, reference = (torch.from_numpy(image)[None, None] for image in images)
    expected = piq.ssim(estimate, reference, data_range=1.0, downsample=False).item()
    assert ssim(*images) == pytest.approx(expected, abs=1e-4)


def test_ssim_does_not_jump_with_the_image_size():
    # piq's default halves images from 384 pixels on: .310 at 383 and .509 at 384 for the same scene
    rng = np.random.default_rng(1)
    reference = np.tile(np.linspace(0, 1, 384), (384, 1))
    estimate = np.clip(reference + 0.2 * rng.standard_normal(reference.shape), 0, 1)
    assert ssim(estimate, reference) == pytest.approx(ssim(estimate[:383, :383], reference[:383, :383]), abs=0.01)


def test_ssim_says_what_size_it_needs():
    with pytest.raises(ImageError, match="11 x 11 pixels, not 10 x 40"):
        ssim(np.zeros((10, 40)), np.zeros((10, 40)))


def test_mae_is_the_mean_absolute_error(images):
    estimate, reference = images
    assert mae(estimate, reference) == pytest.approx(np.abs(estimate - reference).sum() / reference.size)


def test_psnr_matched_ignores_monotone_grey_maps(images):
    estimate, reference = images
    assert psnr_matched(reference**0.5, reference) > 45
    assert psnr_matched(estimate**0.5, reference) == pytest.approx(psnr_matched(estimate, reference), abs=0.3)
    assert psnr(estimate**0.5, reference) < psnr(estimate, reference) - 3
