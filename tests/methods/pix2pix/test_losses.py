"""The losses against independent implementations, and the properties for which they were chosen."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from usbench.methods.pix2pix.losses import (
    psnr_loss,
    relative_loss,
    response_loss,
    smoothed,
    structure_loss,
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


def test_the_response_is_0_for_the_change_itself_and_1_for_no_answer():
    rng = np.random.default_rng(0)
    without = torch.from_numpy(rng.random((3, 1, 32, 32), np.float32))
    change = torch.zeros_like(without)
    change[:, :, 8:20, 8:20] = 0.1
    target = torch.cat([without, without + change])
    assert response_loss(target + 0.05, target).item() == pytest.approx(0, abs=1e-6)
    assert response_loss(torch.cat([without, without]), target).item() == pytest.approx(1, abs=0.02)
    halved = torch.cat([without, without + 0.5 * change])
    assert response_loss(halved, target).item() == pytest.approx(0.25, abs=0.01)


def test_the_relative_loss_is_the_share_of_the_noise_that_is_left(images):
    clean, noisy = (batch(image) for image in images)
    assert relative_loss(noisy, clean, noisy).item() == pytest.approx(1, abs=0.2)
    assert relative_loss(clean, clean, noisy).item() == 0
    halfway = (clean + noisy) / 2
    assert relative_loss(halfway, clean, noisy) == pytest.approx(relative_loss(noisy, clean, noisy).item() / 4)
    changed = clean + 0.02
    assert relative_loss(changed, clean, clean) > 3 * relative_loss(changed, clean, noisy)
