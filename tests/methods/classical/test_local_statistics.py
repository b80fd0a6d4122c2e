"""Filters of local statistics against literal transcriptions of their equations, pixel by pixel."""

import numpy as np
import pytest
import torch
from usbench.methods.classical.crimmins import Crimmins
from usbench.methods.classical.frost import Frost
from usbench.methods.classical.frost_enhanced import FrostEnhanced
from usbench.methods.classical.gamma_map import GammaMap
from usbench.methods.classical.guided import Guided
from usbench.methods.classical.hybrid_median import HybridMedian
from usbench.methods.classical.kuan import Kuan
from usbench.methods.classical.lee import Lee
from usbench.methods.classical.lee_enhanced import LeeEnhanced
from usbench.methods.classical.lee_sigma import LeeSigma
from usbench.methods.classical.mean import Mean
from usbench.methods.classical.median import Median
from usbench.methods.classical.nagao import Nagao
from usbench.methods.classical.weighted_median import WeightedMedian
from usbench.methods.classical.wiener import Wiener

import usbench

CLOSE = {"rtol": 0, "atol": 1e-5}


def middle(window):
    return window[window.shape[0] // 2, window.shape[1] // 2]


def distances(window):
    reach = window.shape[0] // 2
    offsets = np.arange(-reach, reach + 1)
    return np.sqrt(offsets[:, None] ** 2 + offsets**2)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_mean(image, per_window, size):
    assert np.allclose(Mean(size=size).despeckle_plane(image), per_window(image, size, np.mean), **CLOSE)


@pytest.mark.parametrize("size", [1, 3, 5, 7, 9, 17])
def test_median(image, per_window, size):
    assert np.array_equal(
        Median(size=size).despeckle_plane(image), per_window(image, size, np.median).astype(np.float32)
    )


def test_wiener(image, per_window):
    mean, variance = per_window(image, 5, np.mean), per_window(image, 5, np.var)
    noise = variance.mean()
    gain = np.maximum(variance - noise, 0) / np.maximum(np.maximum(variance, noise), 1e-12)
    assert np.allclose(Wiener(size=5).despeckle_plane(image), mean + gain * (image - mean), **CLOSE)


def test_wiener_with_given_noise(image, per_window):
    def rule(window):
        mean, variance = window.mean(), window.var()
        return mean + max(0.0, variance - 0.01) / max(variance, 0.01) * (middle(window) - mean)

    assert np.allclose(Wiener(size=3, noise=0.1).despeckle_plane(image), per_window(image, 3, rule), **CLOSE)


@pytest.mark.parametrize("size", [3, 5, 7])
def test_hybrid_median(image, per_window, size):
    def rule(window):
        reach = size // 2
        upright = [window[reach, k] for k in range(size)] + [window[k, reach] for k in range(size) if k != reach]
        diagonal = [window[k, k] for k in range(size)] + [window[k, size - 1 - k] for k in range(size) if k != reach]
        return np.median([np.median(upright), np.median(diagonal), window[reach, reach]])

    assert np.allclose(HybridMedian(size=size).despeckle_plane(image), per_window(image, size, rule), **CLOSE)


@pytest.mark.parametrize(("size", "slope"), [(9, 10.0), (9, 40.0), (3, 0.0)])
def test_weighted_median(image, per_window, size, slope):
    def rule(window):
        spread = 255 * window.var() / window.mean()
        weights = np.floor(np.maximum(99 - slope * distances(window) * spread, 0) + 0.5).ravel()
        order = np.argsort(window.ravel(), kind="stable")
        reached = np.cumsum(weights[order]) >= weights.sum() / 2
        return window.ravel()[order][np.argmax(reached)]

    assert np.allclose(
        WeightedMedian(size=size, slope=slope).despeckle_plane(image), per_window(image, size, rule), **CLOSE
    )


@pytest.mark.parametrize("size", [3, 7])
@pytest.mark.parametrize("cu", [0.15, 0.5227])
def test_lee(image, per_window, size, cu):
    def rule(window):
        mean, variance = window.mean(), window.var()
        signal = max(0.0, (variance + mean**2) / (1 + cu**2) - mean**2)
        return mean + signal / (mean**2 * cu**2 + signal) * (middle(window) - mean)

    assert np.allclose(Lee(size=size, cu=cu).despeckle_plane(image), per_window(image, size, rule), **CLOSE)


@pytest.mark.parametrize("size", [3, 7])
@pytest.mark.parametrize("cu", [0.15, 0.5227])
def test_kuan(image, per_window, size, cu):
    def rule(window):
        mean, variation = window.mean(), window.std() / window.mean()
        gain = (1 - cu**2 / variation**2) / (1 + cu**2) if variation > cu else 0
        return mean + gain * (middle(window) - mean)

    assert np.allclose(Kuan(size=size, cu=cu).despeckle_plane(image), per_window(image, size, rule), **CLOSE)


@pytest.mark.parametrize(("cu", "cmax"), [(0.5227, 1.2435), (0.2, 0.6)])
def test_lee_enhanced(image, per_window, cu, cmax):
    def rule(window):
        mean, variation = window.mean(), window.std() / window.mean()
        if variation <= cu:
            return mean
        if variation >= cmax:
            return middle(window)
        weight = np.exp(-1.5 * (variation - cu) / (cmax - variation))
        return mean * weight + middle(window) * (1 - weight)

    method = LeeEnhanced(size=5, cu=cu, cmax=cmax, damping=1.5)
    assert np.allclose(method.despeckle_plane(image), per_window(image, 5, rule), **CLOSE)


@pytest.mark.parametrize(("cu", "sigmas", "fewest"), [(0.5227, 2.0, 4), (0.1, 1.0, 4), (0.1, 2.0, 0)])
def test_lee_sigma(image, per_window, cu, sigmas, fewest):
    def rule(window):
        centre = middle(window)
        inside = window[(window >= (1 - sigmas * cu) * centre) & (window <= (1 + sigmas * cu) * centre)]
        if inside.size > fewest:
            return inside.mean()
        return (window[2, 3] + window[4, 3] + window[3, 2] + window[3, 4]) / 4

    method = LeeSigma(size=7, cu=cu, sigmas=sigmas, fewest=fewest)
    assert np.allclose(method.despeckle_plane(image), per_window(image, 7, rule), **CLOSE)


@pytest.mark.parametrize(("size", "damping"), [(7, 2.0), (7, 20.0), (3, 0.0)])
def test_frost(image, per_window, size, damping):
    def rule(window):
        variation = window.var() / window.mean() ** 2
        weights = np.exp(-damping * variation * distances(window))
        return (weights * window).sum() / weights.sum()

    assert np.allclose(Frost(size=size, damping=damping).despeckle_plane(image), per_window(image, size, rule), **CLOSE)


@pytest.mark.parametrize(("cu", "cmax"), [(0.5227, 1.2435), (0.2, 0.6)])
def test_frost_enhanced(image, per_window, cu, cmax):
    def rule(window):
        mean, variation = window.mean(), window.std() / window.mean()
        if variation <= cu:
            return mean
        if variation >= cmax:
            return middle(window)
        weights = np.exp(-2 * (variation - cu) / (cmax - variation) * distances(window))
        return (weights * window).sum() / weights.sum()

    method = FrostEnhanced(size=5, cu=cu, cmax=cmax, damping=2)
    assert np.allclose(method.despeckle_plane(image), per_window(image, 5, rule), **CLOSE)


@pytest.mark.parametrize("looks", [3.66, 20.0])
def test_gamma_map(image, per_window, looks):
    def rule(window):
        mean, variation, centre = window.mean(), window.std() / window.mean(), middle(window)
        cu, cmax = np.sqrt(1 / looks), np.sqrt(2 / looks)
        if variation <= cu:
            return mean
        if variation >= cmax:
            return centre
        alpha = (1 + cu**2) / (variation**2 - cu**2)
        b = alpha - looks - 1
        return (b * mean + np.sqrt(b**2 * mean**2 + 4 * alpha * looks * mean * centre)) / (2 * alpha)

    assert np.allclose(GammaMap(size=5, looks=looks).despeckle_plane(image), per_window(image, 5, rule), **CLOSE)


MASKS = """
.....  .xxx.  .....  .....  .....  xx...  ...xx  .....  .....
.xxx.  .xxx.  ...xx  .....  xx...  xxx..  ..xxx  .....  .....
.xxx.  ..x..  ..xxx  ..x..  xxx..  .xx..  ..xx.  ..xx.  .xx..
.xxx.  .....  ...xx  .xxx.  xx...  .....  .....  ..xxx  xxx..
.....  .....  .....  .xxx.  .....  .....  .....  ...xx  xx...
"""


def test_nagao(image, per_window):
    lines = [line.split() for line in MASKS.strip().splitlines()]
    masks = [np.array([[mark == "x" for mark in line[number]] for line in lines]) for number in range(9)]
    assert [mask.sum() for mask in masks] == [9] + 8 * [7]

    def rule(window):
        best = min(masks, key=lambda mask: round(window[mask].var(), 12))
        return window[best].mean()

    assert np.allclose(Nagao().despeckle_plane(image), per_window(image, 5, rule), **CLOSE)


def test_crimmins(image):
    levels = np.rint(image.astype(np.float64) * 255 * 1024) / 1024  # the grid of grey that the filter states

    def neighbour(current, row, column, down, right):
        inside = 0 <= row + down < current.shape[0] and 0 <= column + right < current.shape[1]
        return current[row + down, column + right] if inside else current[row, column]

    rules = [
        lambda a, b, c: a >= b + 2,
        lambda a, b, c: a > b and b <= c,
        lambda a, b, c: c > b and b <= a,
        lambda a, b, c: c >= b + 2,
    ]
    for _ in range(2):
        for sign in (1, -1):
            for down, right in ((-1, 0), (0, 1), (-1, 1), (-1, -1)):
                for rule in rules:
                    moved = levels.copy()
                    for row in range(image.shape[0]):
                        for column in range(image.shape[1]):
                            a = neighbour(levels, row, column, down, right)
                            c = neighbour(levels, row, column, -down, -right)
                            if rule(sign * a, sign * levels[row, column], sign * c):
                                moved[row, column] += sign
                    levels = moved
    assert np.allclose(Crimmins(iterations=2).despeckle_plane(image), levels / 255, **CLOSE)


def test_guided(image, per_window):
    mean, variance = per_window(image, 5, np.mean), per_window(image, 5, np.var)
    slope = variance / (variance + 0.02)
    shift = (1 - slope) * mean
    expected = per_window(slope, 5, np.mean) * image + per_window(shift, 5, np.mean)
    assert np.allclose(Guided(size=5, epsilon=0.02).despeckle_plane(image), expected, **CLOSE)


def test_frost_weighs_by_distance_not_by_grey():
    # the defect: weights on the difference of grey. With weights on distance, the filter is linear for a fixed decay,
    # so pixels at one distance count alike whatever their grey.
    image = np.random.default_rng(3).random((9, 9)).astype(np.float32)
    turned = image.copy()
    ring = [(3, 4), (4, 5), (5, 4), (4, 3)]
    for (row, column), (other_row, other_column) in zip(ring, ring[1:] + ring[:1], strict=True):
        turned[row, column] = image[other_row, other_column]
    first, second = (Frost(size=3, damping=5).despeckle_plane(x)[4, 4] for x in (image, turned))
    assert first == pytest.approx(second, abs=1e-6)
    assert Frost(size=3, damping=1e-9).despeckle_plane(image)[4, 4] == pytest.approx(image[3:6, 3:6].mean(), abs=1e-6)


@pytest.mark.filterwarnings("error")
def test_crimmins_takes_nan_for_black():
    image = torch.rand(1, 1, 12, 15, generator=torch.Generator().manual_seed(0))
    black = image.clone()
    image[..., 4, 5], black[..., 4, 5] = float("nan"), 0
    crimmins = usbench.load_method("crimmins")
    crimmins.prepare("cpu")
    assert torch.equal(crimmins.despeckle(image), crimmins.despeckle(black))
