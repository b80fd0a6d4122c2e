"""The losses against independent implementations, and the properties for which they were chosen."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from usbench.methods.pix2pix.losses import (
    brightness_loss,
    detail_loss,
    psnr_loss,
    smoothed,
    structure_loss,
    texture_loss,
    total_variation,
)

from usbench.metrics.fidelity import psnr, ssim


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    clean = gaussian_filter(rng.random((96, 64)), 3)
    clean = (clean - clean.min()) / np.ptp(clean)
    return clean, np.clip(clean * rng.rayleigh(0.8, clean.shape), 0, 1)


def batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(image, np.float32))[None, None]


@pytest.mark.parametrize("sigma", [1.5, 5.0])
def test_smoothing_is_scipys_gaussian(images, sigma):
    expected = gaussian_filter(images[1].astype(np.float32), sigma, mode="reflect", radius=round(3 * sigma))
    assert np.allclose(smoothed(batch(images[1]), sigma)[0, 0].numpy(), expected, atol=1e-5)


def test_structure_is_one_minus_ssim(images):
    clean, noisy = images
    # the metric leaves a border out and cuts the window at 5 pixels; the loss mirrors and cuts at 4
    assert structure_loss(batch(noisy), batch(clean)).item() == pytest.approx(1 - ssim(noisy, clean), abs=0.02)
    assert structure_loss(batch(clean), batch(clean)).item() == pytest.approx(0, abs=1e-5)


def test_brightness_does_not_see_speckle_but_a_shift(images):
    clean, noisy = images
    assert brightness_loss(batch(noisy), batch(clean)).item() < 0.2 * np.abs(noisy - clean).mean()
    assert brightness_loss(batch(clean + 0.1), batch(clean)).item() == pytest.approx(0.1, abs=1e-4)


def test_texture_is_small_for_other_speckle_of_the_same_kind_only():
    rng = np.random.default_rng(0)

    def speckle(sigma):
        field = rng.normal(size=(2, 128, 128))
        return np.hypot(*(gaussian_filter(part, sigma) for part in field)) * sigma

    same = texture_loss(batch(speckle(1.5)), batch(speckle(1.5)))
    finer = texture_loss(batch(speckle(0.8)), batch(speckle(1.5)))
    weaker = texture_loss(batch(0.5 * speckle(1.5)), batch(speckle(1.5)))
    assert same < 0.4 * finer
    assert same < 0.4 * weaker


def test_detail_binds_the_generator_only_where_the_condition_shows_it():
    rng = np.random.default_rng(0)
    target = batch(gaussian_filter(rng.random((96, 96)), 1.5))
    made = target + 0.1
    shown = detail_loss(made, target, target)
    hidden = detail_loss(made, target, batch(gaussian_filter(rng.random((96, 96)), 1.5)))
    assert shown.item() == pytest.approx(0.1, abs=1e-3)
    assert hidden.item() < 0.02


def test_the_psnr_loss_is_minus_the_mean_of_the_metric(images):
    clean, noisy = images
    pair = torch.cat([batch(noisy), batch(clean + 0.05)]), torch.cat([batch(clean)] * 2)
    expected = np.mean([psnr(noisy, clean), psnr(clean + 0.05, clean)])
    assert psnr_loss(*pair).item() == pytest.approx(-expected, abs=1e-3)


def test_total_variation_is_the_slope_of_a_ramp_and_has_a_gradient_where_it_is_flat():
    row, column = torch.meshgrid(torch.arange(12.0), torch.arange(9.0), indexing="ij")
    assert total_variation((0.03 * row + 0.04 * column)[None, None]).item() == pytest.approx(0.05, rel=1e-5)
    flat = torch.full((1, 1, 8, 8), 0.5, requires_grad=True)
    total_variation(flat).backward()
    assert bool(flat.grad.isfinite().all())
