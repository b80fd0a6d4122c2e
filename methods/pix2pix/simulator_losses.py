"""Losses of the simulator `S`. Images are (B, 1, H, W) in [0, 1]."""

import itertools
from collections.abc import Iterator

import torch
from torch.nn.functional import avg_pool2d

from .losses import smoothed
from .speckle_unet import LOCAL_MEAN, STEP, grey_range
from .style import FINE

LAGS = (1, 2, 4, 8)  # pixels
PATCH = 32  # pixels; side of the windows whose power spectra are compared
GREY_LEVELS = 8
MOSTLY, FEWEST_WINDOWS = 0.6, 6  # share of a window that is flat, and number of such windows
FEWEST = 300  # pixels of a grey level, or flat pixels, from which a deviation is taken
FLATNESS = 0.01
CONDITION_GREY = (0.1, 0.35, 0.6, 1.0)  # edges of what is dark, medium and bright


def energy_score(first: torch.Tensor, second: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    r"""Return the energy score of two drawings under one condition, over features and over patches.

    :math:`\tfrac12 (|G - y| + |G' - y|) - \tfrac12 |G - G'|` is least where the drawings are distributed as the targets
    of the condition are. A distance alone asks for their median, which has no speckle.

    References
    ----------
    Gneiting, Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102:359, 2007.
    """
    total = first.new_zeros(())
    features = zip(_features(first), _features(second), _features(target), strict=True)
    for (one, weight), (other, _), (true, _) in features:
        near = (one - true).abs().mean() + (other - true).abs().mean()
        total = total + weight * 0.5 * (near - (one - other).abs().mean())
    near = _patch_distance(first, target) + _patch_distance(second, target)
    return total + near - _patch_distance(first, second)


def _features(image: torch.Tensor) -> Iterator[tuple[torch.Tensor, float]]:
    """Yield features with their weights: pixels, increments along both axes, and means over squares."""
    yield image, 1.0
    for lag in LAGS:
        yield image[..., lag:, :] - image[..., :-lag, :], 0.5
        yield image[..., lag:] - image[..., :-lag], 0.5
    for side, weight in ((2, 1.0), (4, 1.0), (8, 2.0)):
        yield avg_pool2d(image, side), weight


def _patch_distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the mean Euclidean distance of 8 x 8 patches, per pixel."""
    return (avg_pool2d((one - other) ** 2, 8, 4) + 1e-5).sqrt().mean()


def statistics_loss(made: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Return how two batches differ in the power spectrum of their fine structure and in contrast by grey level."""
    spectra = [(_spectrum(image) + 1e-3).log() for image in (made, real)]
    (deviation, count), (true_deviation, true_count) = _contrast_by_grey(made), _contrast_by_grey(real)
    both = ((count > FEWEST) & (true_count > FEWEST)).float()
    contrast = ((deviation - true_deviation).abs() * both).sum() / (both.sum() + 1)
    return (spectra[0] - spectra[1]).abs().mean() + 10 * contrast


def flat_spectrum_loss(
    made: torch.Tensor, condition: torch.Tensor, real: torch.Tensor, real_condition: torch.Tensor
) -> torch.Tensor:
    """Return the difference of the mean power spectra of two batches in windows whose condition is flat."""
    flat = [_windows(flat_pixels(given)).mean((3, 4)) > MOSTLY for given in (condition, real_condition)]
    if min(int(chosen.sum()) for chosen in flat) < FEWEST_WINDOWS:
        return made.new_zeros(())
    spectra = [_power(image, chosen) for image, chosen in zip((made, real), flat, strict=True)]
    one, other = ((spectrum + 1e-3).log() for spectrum in spectra)
    return (one - other).abs().mean()


def _spectrum(image: torch.Tensor) -> torch.Tensor:
    return _power(image, torch.ones_like(_windows(image)[..., 0, 0], dtype=torch.bool))


def _power(image: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Return the mean power spectrum of the fine structure of chosen windows."""
    hann = torch.hann_window(PATCH, device=image.device)
    windows = _windows(image - smoothed(image, FINE))[chosen]
    return (torch.fft.rfft2(windows * (hann[:, None] * hann)).abs() ** 2).mean(0)


def _windows(image: torch.Tensor) -> torch.Tensor:
    """Return half overlapping windows, (B, rows, columns, 32, 32)."""
    return image[:, 0].unfold(1, PATCH, PATCH // 2).unfold(2, PATCH, PATCH // 2)


def _contrast_by_grey(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean local deviation of the fine structure at each grey level, and the number of pixels of each."""
    low = smoothed(image, LOCAL_MEAN)
    deviation = (smoothed((image - low) ** 2, LOCAL_MEAN) + 1e-5).sqrt().flatten()
    centres = (torch.arange(GREY_LEVELS, device=image.device) + 0.5) / GREY_LEVELS
    weights = torch.exp(-0.5 * ((low.flatten()[:, None] - centres) * GREY_LEVELS) ** 2)
    count = weights.sum(0)
    return (weights * deviation[:, None]).sum(0) / (count + 1), count


def border_loss(made: torch.Tensor, base: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
    """Return the square of how far the mean drawing is from its base at the clear borders of a condition.

    Drawings of a condition are independent, so that the product of two is not biased by their speckle.

    Parameters
    ----------
    made
        Drawings of each condition in turn: two of the first, two of the second, and so on.
    base
        What each would be without speckle.
    condition
        The conditions.
    """
    change = made - base
    fine = change - smoothed(change, LOCAL_MEAN)
    product = fine[0::2] * fine[1::2]
    borders = (grey_range(condition[0::2]) > STEP).float()
    return (product * borders).sum() / (borders.sum() + 1)


def contrast_loss(made: torch.Tensor, condition: torch.Tensor, contrast: torch.Tensor) -> torch.Tensor:
    """Return how far the contrast of the texture is from the one asked for (B,), where the condition is flat.

    It is measured in dark, medium and bright regions on their own.
    """
    flat = flat_pixels(condition)
    total = count = made.new_zeros(())
    for darkest, brightest in itertools.pairwise(CONDITION_GREY):
        inside = flat * ((condition > darkest) & (condition <= brightest))
        low = smoothed(inside * made, FINE) / (smoothed(inside, FINE) + 1e-3)  # without the borders' share
        pixels = inside.sum((1, 2, 3))
        variance = (inside * (made - low) ** 2).sum((1, 2, 3)) / (pixels + 1)
        mean = (inside * low).sum((1, 2, 3)) / (pixels + 1)
        found = (variance + 1e-6).sqrt() / (mean + 0.02).clamp(min=0.02).sqrt()
        enough = (pixels > FEWEST).float()
        total = total + ((found - contrast).abs() * enough).sum()
        count = count + enough.sum()
    return total / (count + 1)


def flat_pixels(condition: torch.Tensor) -> torch.Tensor:
    """Return 1 where the condition has one grey level within 9 x 9 pixels, else 0, as float."""
    return (grey_range(condition) < FLATNESS).float()
