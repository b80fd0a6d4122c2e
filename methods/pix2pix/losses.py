"""Losses of the generators, apart from the adversarial one. Images are (B, 1, H, W) in [0, 1]."""

from functools import cache

import torch

SSIM_SIGMA = 1.5
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2
NOISELESS = 2e-3  # mean square error of an input below which its noise counts less
FAINTEST = 2e-5  # mean square of a change below which its relative error counts less


def structure_loss(generated: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return 1 minus the mean structural similarity (Wang et al. 2004, Gaussian of sigma 1.5) of two images."""
    stacked = torch.cat([generated, target, generated**2 + target**2, generated * target], 1)
    mean_y, mean_x, squares, product = smoothed(stacked, SSIM_SIGMA).split(1, 1)
    means = mean_x * mean_y
    mean_squares = mean_x**2 + mean_y**2
    similarity = (2 * means + SSIM_C1) * (2 * (product - means) + SSIM_C2)
    similarity = similarity / ((mean_squares + SSIM_C1) * (squares - mean_squares + SSIM_C2))
    return 1 - similarity.mean()


def response_loss(generated: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return how far the answer to inserted lesions is from the change that they make, relative to that change.

    The second half of the batch is the first with lesions under the same speckle.
    """
    answer, change = (with_lesions - without for without, with_lesions in (generated.chunk(2), target.chunk(2)))
    error, size = ((plane**2).mean((1, 2, 3)) for plane in (answer - change, change))
    return (error / (size + FAINTEST)).mean()


def relative_loss(generated: torch.Tensor, target: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    """Return the mean square error of each image over that of its input, so that little speckle counts as well."""
    error, noise = (((image - target) ** 2).mean((1, 2, 3)) for image in (generated, source))
    return (error / (noise + NOISELESS)).mean()


def psnr_loss(generated: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the negative peak signal-to-noise ratio in dB for a peak of 1, averaged over images."""
    return 10 * ((generated - target) ** 2).mean((1, 2, 3)).add(1e-8).log10().mean()


def total_variation(generated: torch.Tensor) -> torch.Tensor:
    """Return the mean length of the gradient (forward differences), the second loss of the ID-CNN."""
    down = generated[:, :, 1:, :-1] - generated[:, :, :-1, :-1]
    right = generated[:, :, :-1, 1:] - generated[:, :, :-1, :-1]
    return (down**2 + right**2 + 1e-12).sqrt().mean()  # the square root has no gradient at 0


def smoothed(image: torch.Tensor, sigma: float) -> torch.Tensor:
    """Return each channel (H, W) smoothed with a Gaussian of `sigma` pixels, borders mirrored.

    The convolutions are computed as two products with banded matrices, which take a tenth of the time.
    """
    rows, columns = (_smoothing_matrix(extent, sigma).to(image) for extent in image.shape[2:])
    return rows @ image @ columns.T


@cache
def _smoothing_matrix(extent: int, sigma: float) -> torch.Tensor:
    """Return the (extent, extent) matrix of a Gaussian filter, truncated at 3 sigma, borders mirrored."""
    reach = round(3 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float64) / sigma) ** 2)
    weights /= weights.sum()
    matrix = torch.zeros(extent, extent, dtype=torch.float64)
    for offset, weight in zip(range(-reach, reach + 1), weights, strict=True):
        place = (torch.arange(extent) + offset) % (2 * extent)
        mirrored = torch.minimum(place, 2 * extent - 1 - place)
        matrix[torch.arange(extent), mirrored] += weight
    return matrix
