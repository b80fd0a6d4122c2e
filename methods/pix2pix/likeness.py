"""How like real ultrasound the textures are that a simulator makes of MRI slices.

Textures are compared in flat windows: of real B-mode, where the condition made from it without its speckle is flat, and
of the simulated image, where the condition of the MRI slice is flat. Nothing is compared pixel by pixel.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from usbench.core.rng import generator
from usbench.ultrasound.speckle_size import autocorrelation_widths

from .lrr import low_radiometric_resolution
from .style import FINE

WINDOW, STRIDE = 24, 4  # pixels
DARKEST, SPREAD, DEVIATION = 0.14, 66 / 255, 0.055  # mean, range and standard deviation of the condition in a window
GREY = np.array([0.15, 0.27, 0.39, 0.51, 0.63, 0.8])  # edges of the grey levels at which deviations are compared
FEWEST = 5  # windows of a grey level
DRAWINGS = 9  # simulated images of a slice: two of them of one style
BORDER_SIGMA = 1.5  # pixels
STEPS = 260  # of the small network

Windows = Sequence[np.ndarray]
Paint = Callable[[np.ndarray, int], np.ndarray]  # a slice (H, W) in [0, 1] and the number of the drawing


@dataclass(frozen=True)
class Texture:
    """Statistics of windows: means over grey levels, medians, and logarithms of mean power spectra.

    Attributes
    ----------
    deviation
        Median standard deviation of the fine structure, in grey levels of 255.
    by_grey
        The same at each grey level; NaN where there are too few windows.
    ssnr
        Median of mean over standard deviation.
    grain
        Median full widths of the autocorrelation of the fine structure in pixels, axial and lateral.
    spectra
        Natural logarithms of the mean power of the fine structure: radial, axial and lateral.
    """

    deviation: float
    by_grey: np.ndarray
    ssnr: float
    grain: np.ndarray
    spectra: tuple[np.ndarray, np.ndarray, np.ndarray]


def flat_windows(condition: np.ndarray, most: int) -> list[tuple[slice, slice]]:
    """Return at most `most` windows in which a condition is flat and not black, half overlapping at most."""
    windows = sliding_window_view(condition, (WINDOW, WINDOW))[::STRIDE, ::STRIDE]
    flat = (
        (windows.mean((2, 3)) > DARKEST)
        & (windows.max((2, 3)) - windows.min((2, 3)) <= SPREAD)
        & (windows.std((2, 3)) < DEVIATION)
    )
    found = np.argwhere(flat)
    generator("flat windows", len(found)).shuffle(found)
    near = WINDOW // 2 // STRIDE - 1  # windows that are fewer rows and columns apart overlap by more than half
    kept: list[tuple[slice, slice]] = []
    for row, column in found:
        if flat[row, column]:
            flat[max(0, row - near) : row + near + 1, max(0, column - near) : column + near + 1] = False
            top, left = STRIDE * int(row), STRIDE * int(column)
            kept.append((slice(top, top + WINDOW), slice(left, left + WINDOW)))
    return kept[:most]


def texture(windows: Windows) -> Texture:
    """Return the statistics of windows (24, 24) in [0, 1]."""
    fine = [fine_structure(window) for window in windows]
    inside = np.ones((WINDOW, WINDOW), bool)
    means = np.array([window.mean() for window in windows])
    deviations = 255 * np.array([plane.std() for plane in fine])
    by_grey = np.full(len(GREY) - 1, np.nan)
    for level, (low, high) in enumerate(itertools.pairwise(GREY)):
        members = deviations[(means >= low) & (means < high)]
        if len(members) >= FEWEST:
            by_grey[level] = np.median(members)
    hann = np.outer(np.hanning(WINDOW), np.hanning(WINDOW))
    power = np.mean([np.abs(np.fft.fft2(plane * hann)) ** 2 for plane in fine], axis=0)
    return Texture(
        deviation=float(np.median(deviations)),
        by_grey=by_grey,
        ssnr=float(np.median([window.mean() / (window.std() + 1e-6) for window in windows])),
        grain=np.nanmedian([autocorrelation_widths(plane, inside) for plane in fine], axis=0),
        spectra=_log_spectra(power),
    )


def fine_structure(window: np.ndarray) -> np.ndarray:
    """Return a window without what varies slowly, float64."""
    from scipy.ndimage import gaussian_filter

    centred = window.astype(np.float64) - window.mean()
    return centred - gaussian_filter(centred, FINE, mode="nearest")


def _log_spectra(power: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frequency = np.fft.fftfreq(WINDOW)
    ring = np.minimum((np.hypot(frequency[:, None], frequency) * WINDOW).astype(int), WINDOW // 2).ravel()
    radial = np.bincount(ring, power.ravel()) / np.bincount(ring)
    axial, lateral = (power.sum(axis)[: WINDOW // 2 + 1] for axis in (1, 0))
    return np.log(radial + 1e-7), np.log(axial + 1e-6), np.log(lateral + 1e-6)


def compare_textures(real: Texture, made: Texture) -> dict[str, float]:
    """Return how far a texture is from a real one.

    `deviation_error` is the mean relative difference of the standard deviation at a given grey, `axial_error` and
    `lateral_error` are those of the grain, and `radial_spectrum`, `axial_spectrum` and `lateral_spectrum` are the mean
    absolute differences of the logarithms of power.
    """
    grain = made.grain / real.grain - 1
    names = ("radial_spectrum", "axial_spectrum", "lateral_spectrum")
    distances = [float(np.abs(a - b).mean()) for a, b in zip(real.spectra, made.spectra, strict=True)]
    return {
        "deviation_error": float(np.nanmean(np.abs(made.by_grey / real.by_grey - 1))),
        "axial_error": float(grain[0]),
        "lateral_error": float(grain[1]),
        **dict(zip(names, distances, strict=True)),
    }


def likeness(real: Windows, slices: Sequence[np.ndarray], paint: Paint) -> dict[str, float]:
    """Return how like real windows the flat windows of simulated images are, and whether anatomy is kept.

    Parameters
    ----------
    real
        Windows (24, 24) of real B-mode.
    slices
        MRI slices (H, W) in [0, 1].
    paint
        Makes an image (H, W) in [0, 1] of a slice; drawings 0 and 1 are of the same style.

    Returns
    -------
    dict
        `compare_textures`; `deviation`, `ssnr`, `axial` and `lateral` of the simulated windows; `two_drawings`, the
        correlation of the fine structure of two drawings; `borders`, the correlation of gradients of the mean drawing
        with those of the slice; and `told_apart`, see `told_apart`.
    """
    windows: list[np.ndarray] = []
    repeated, borders = [], []
    for image in slices:
        places = flat_windows(low_radiometric_resolution(image), 16)
        drawings = [paint(image, number) for number in range(DRAWINGS)]
        borders.append(_correlation(_gradient(np.mean(drawings, axis=0)), _gradient(image)))
        for number in (0, *range(2, DRAWINGS)):
            windows += [drawings[number][place] for place in places]
        for place in places:
            fine = [fine_structure(drawings[number][place]) for number in (0, 1)]
            repeated.append(_correlation(*fine))
    made = texture(windows)
    found = {
        "deviation": made.deviation,
        "ssnr": made.ssnr,
        "axial": float(made.grain[0]),
        "lateral": float(made.grain[1]),
        **compare_textures(texture(real), made),
        "two_drawings": float(np.nanmedian(repeated)),
        "borders": float(np.mean(borders)),
        "told_apart": told_apart(real, windows),
    }
    return {name: round(value, 3) for name, value in found.items()}


def _gradient(image: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter, sobel

    smooth = gaussian_filter(image.astype(np.float64), BORDER_SIGMA)
    return np.hypot(sobel(smooth, 0), sobel(smooth, 1))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def told_apart(real: Windows, made: Windows, seeds: Sequence[int] = (0, 1)) -> float:
    """Return the share of unseen windows that a small network tells right, 0.5 if it cannot.

    Windows are given the same mean and a contrast that does not depend on it, so that the texture alone tells. The
    network is trained on the first 60 % of each list and tested on the rest, and the other way round; lists are in the
    order of their images, so that no image is in both parts.
    """
    count = min(len(real), len(made))
    lists = [[_normalised(windows[number]) for number in _spread(len(windows), count)] for windows in (real, made)]
    cut = int(0.6 * count)
    parts = ((slice(0, cut), slice(cut, count)), (slice(count - cut, count), slice(0, count - cut)))
    return float(np.mean([_fitted(lists, *part, seed) for seed in seeds for part in parts]))


def _spread(available: int, count: int) -> np.ndarray:
    return np.linspace(0, available - 1, count).astype(int)


def _normalised(window: np.ndarray) -> np.ndarray:
    return 0.6 * (window - window.mean()) / np.sqrt(window.mean() + 0.02)


def _fitted(lists: Sequence[Windows], train: slice, test: slice, seed: int) -> float:
    """Train a small network on windows of two kinds and return its accuracy on others."""
    import torch
    from torch import nn
    from torch.nn.functional import binary_cross_entropy_with_logits, relu

    def labelled(part: slice) -> tuple[torch.Tensor, torch.Tensor]:
        kinds = [torch.from_numpy(np.stack(windows[part])).float()[:, None] for windows in lists]
        return torch.cat(kinds), torch.cat([torch.full((len(k),), float(n == 0)) for n, k in enumerate(kinds)])

    images, labels = labelled(train)
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Conv2d(a, b, 3, stride, 1) for a, b, stride in ((1, 16, 1), (16, 24, 2), (24, 32, 2))]
        network = nn.ModuleList([*layers, nn.Linear(32, 1)])
        optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)

        def judged(batch: torch.Tensor) -> torch.Tensor:
            for layer in layers:
                batch = relu(layer(batch))
            return network[-1](batch.mean((2, 3)))[:, 0]

        for step in range(STEPS):
            chosen = torch.randint(len(images), (48,), generator=rng)
            batch = images[chosen].flip(3) if step % 2 else images[chosen]
            loss = binary_cross_entropy_with_logits(judged(4 * batch), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            optimiser.param_groups[0]["lr"] = 3e-3 * (1 - step / STEPS) + 1e-4
        with torch.inference_mode():
            images, labels = labelled(test)
            return float(((judged(4 * images) > 0) == labels.bool()).float().mean())
