"""Losses of `S`: each is least where the drawings are what they should be."""

import pytest
import torch
from usbench.methods.pix2pix.simulator_losses import (
    border_loss,
    contrast_loss,
    energy_score,
    flat_pixels,
    flat_spectrum_loss,
    statistics_loss,
)


def noise(seed: int, deviation: float, batch: int = 16, side: int = 64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.5 + deviation * torch.randn((batch, 1, side, side), generator=generator)


def test_the_energy_score_is_least_for_drawings_that_vary_as_the_targets_do():
    target = noise(0, 0.1)
    scores = {deviation: energy_score(noise(1, deviation), noise(2, deviation), target) for deviation in (0, 0.1, 0.2)}
    assert scores[0.1] < scores[0]
    assert scores[0.1] < scores[0.2]
    copied = energy_score(noise(1, 0.1), noise(1, 0.1), target)
    assert scores[0.1] < copied  # two drawings that are the same


def test_statistics_differ_by_grain_and_by_contrast_and_not_by_the_drawing():
    rough, other = noise(0, 0.1), noise(1, 0.1)
    smooth = torch.nn.functional.avg_pool2d(noise(2, 0.3), 3, 1, 1)
    assert statistics_loss(rough, other) < 0.15
    assert statistics_loss(rough, smooth) > 0.5
    assert statistics_loss(rough, noise(3, 0.15)) > 0.3


def test_contrast_is_measured_where_the_condition_is_flat():
    condition = torch.full((1, 1, 96, 96), 0.5)
    condition[..., 48:] = 0.8
    made = condition + 0.05 * torch.randn(condition.shape, generator=torch.Generator().manual_seed(0))
    asked = torch.tensor([0.05 / (made.mean() + 0.02) ** 0.5])
    assert contrast_loss(made, condition, asked) < 0.01
    assert contrast_loss(made, condition, 3 * asked) > 0.04
    border = flat_pixels(condition)[0, 0, 48, 40:56]
    assert border.tolist() == [1] * 4 + [0] * 8 + [1] * 4


def test_the_border_loss_sees_the_mean_of_the_drawings_and_not_their_speckle():
    base = torch.full((64, 1, 64, 64), 0.3)
    base[..., 32:] = 0.7
    speckle = 0.2 * torch.randn(base.shape, generator=torch.Generator().manual_seed(0))
    assert border_loss(base + speckle, base, base).item() == pytest.approx(0, abs=5e-4)
    moved = base.roll(2, -1)
    assert border_loss(moved + speckle, base, base) > 5e-3


def test_spectra_are_compared_where_conditions_are_flat():
    condition = torch.full((4, 1, 128, 128), 0.5)
    condition[..., :40, :] = torch.rand((4, 1, 40, 128), generator=torch.Generator().manual_seed(9))
    rough, other = noise(0, 0.1, 4, 128), noise(1, 0.1, 4, 128)
    smooth = torch.nn.functional.avg_pool2d(noise(2, 0.3, 4, 128), 3, 1, 1)
    assert flat_spectrum_loss(rough, condition, other, condition) < 0.25
    assert flat_spectrum_loss(rough, condition, smooth, condition) > 0.5
    spoilt = rough.clone()
    spoilt[..., :30, :] = 1  # not flat there
    assert flat_spectrum_loss(spoilt, condition, other, condition) < 0.4
    busy = torch.rand(condition.shape, generator=torch.Generator().manual_seed(8))
    assert flat_spectrum_loss(rough, busy, other, condition) == 0
