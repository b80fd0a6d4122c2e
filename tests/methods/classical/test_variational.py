"""Variational filters against literal transcriptions and the optimality of their results."""

import numpy as np
import pytest
from usbench.methods.classical.pfdtv import Pfdtv, coefficients
from usbench.methods.classical.phase import phase_asymmetry
from usbench.methods.classical.tv import Tv
from usbench.methods.classical.tv_multiplicative import TvMultiplicative

CLOSE = {"rtol": 0, "atol": 1e-5}


def pixels(image):
    return ((row, column) for row in range(image.shape[0]) for column in range(image.shape[1]))


def divergence(down, right):
    result = np.zeros_like(down)
    height, width = down.shape
    for row, column in pixels(down):
        result[row, column] += down[row, column] if row < height - 1 else 0
        result[row, column] -= down[row - 1, column] if row > 0 else 0
        result[row, column] += right[row, column] if column < width - 1 else 0
        result[row, column] -= right[row, column - 1] if column > 0 else 0
    return result


def chambolle(image, weight, iterations, dual):
    down, right = dual
    height, width = image.shape
    for _ in range(iterations):
        rest = divergence(down, right) - image / weight
        new_down, new_right = np.zeros_like(down), np.zeros_like(right)
        for row, column in pixels(image):
            to_down = rest[row + 1, column] - rest[row, column] if row < height - 1 else 0.0
            to_right = rest[row, column + 1] - rest[row, column] if column < width - 1 else 0.0
            norm = 1 + 0.125 * np.hypot(to_down, to_right)
            new_down[row, column] = (down[row, column] + 0.125 * to_down) / norm
            new_right[row, column] = (right[row, column] + 0.125 * to_right) / norm
        down, right = new_down, new_right
    return image - weight * divergence(down, right), (down, right)


@pytest.mark.parametrize(("weight", "iterations"), [(0.05, 12), (0.4, 12), (0.2, 150)])
def test_tv(image, weight, iterations):
    nothing = (np.zeros(image.shape), np.zeros(image.shape))
    expected, _ = chambolle(image.astype(float), weight, iterations, nothing)
    assert np.allclose(Tv(weight=weight, iterations=iterations).despeckle_plane(image), expected, **CLOSE)


def test_tv_multiplicative(image):
    observed = np.log(image.astype(float))
    estimate, smooth, multiplier = observed.copy(), observed.copy(), np.zeros_like(observed)
    dual = (np.zeros(image.shape), np.zeros(image.shape))
    for _ in range(3):
        for place in pixels(image):
            target, value = smooth[place] + multiplier[place], estimate[place]
            for _ in range(4):
                slope = 1 - np.exp(observed[place] - value) + value - target
                value -= slope / (np.exp(observed[place] - value) + 1)
            estimate[place] = value
        smooth, dual = chambolle(estimate - multiplier, 3 / 3.66, 5, dual)
        multiplier += smooth - estimate
    method = TvMultiplicative(looks=3.66, weight=3, iterations=3, inner=5)
    assert np.allclose(method.despeckle_plane(image), np.exp(smooth), **CLOSE)


def test_tv_multiplicative_reaches_a_minimum():
    image = np.clip(0.4 * np.random.default_rng(0).rayleigh(0.8, (24, 24)), 0.02, 1).astype(np.float32)

    def objective(logarithm):
        down = np.diff(logarithm, axis=0, append=logarithm[-1:])
        right = np.diff(logarithm, axis=1, append=logarithm[:, -1:])
        data = logarithm + image / np.exp(logarithm)
        return 3.66 * data.sum() + 3 * np.hypot(down, right).sum()

    found = np.log(TvMultiplicative(weight=3, iterations=100, inner=50).despeckle_plane(image).astype(float))
    best = objective(found)
    rng = np.random.default_rng(1)
    for size in (0.003, 0.03, 0.3):
        for change in (np.ones(image.shape), rng.standard_normal(image.shape), np.log(image) - found):
            assert objective(found + size * change) > best - 1e-3
            assert objective(found - size * change) > best - 1e-3


def test_fractional_coefficients_are_binomial_and_of_sum_zero():
    from scipy.special import binom

    table = coefficients(8)
    assert np.allclose(table[0, :3], [1, -1, 0], atol=1e-6)  # order 1: a plain difference
    assert np.allclose(table[-1, :4], [1, -2, 1, 0], atol=1e-6)  # order 2
    order = 1 + np.log2(1 + 100 / 255)
    assert np.allclose(table[100, :7], [(-1) ** k * binom(order, k) for k in range(7)], atol=1e-6)
    assert np.allclose(table.sum(axis=1), 0, atol=1e-6)


def test_phase_asymmetry_is_at_the_edge_whatever_its_contrast():
    columns = np.arange(64)
    for height in (20, 200):
        image = np.tile(20.0 + height * (columns >= 32), (64, 1))
        asymmetry = phase_asymmetry(image, 15)
        assert asymmetry[20:44, 31:33].min() > 0.9
        assert asymmetry[20:44, 5:20].max() < 0.4
    assert not phase_asymmetry(np.full((20, 20), 90.0), 15).any()


def test_phase_asymmetry_is_the_formula_with_a_plain_fourier_sum():
    image = 255 * np.random.default_rng(0).random((8, 10))
    from scipy.fft import next_fast_len
    from scipy.special import gamma

    lengths = [next_fast_len(extent + 32, real=True) for extent in image.shape]
    margins = [(16, length - extent - 16) for length, extent in zip(lengths, image.shape, strict=True)]
    padded = np.pad(image, margins, mode="symmetric")
    frequencies = [((np.arange(n) + n // 2) % n - n // 2) / n for n in lengths]
    waves = [np.exp(-2j * np.pi * np.outer(f, np.arange(n))) for f, n in zip(frequencies, lengths, strict=True)]
    spectrum = waves[0] @ padded @ waves[1].T

    def back(values):
        return (waves[0].conj().T @ values @ waves[1].conj()).real / padded.size

    down, right = np.meshgrid(*frequencies, indexing="ij")
    radius = np.hypot(down, right)
    radius[0, 0] = 1
    total = np.zeros(padded.shape)
    for scale in (1, 2, 3):
        norm = np.sqrt(np.pi * 4**2.58 * scale**4.16 / gamma(4.16))
        band = spectrum * norm * radius**1.58 * np.exp(-scale * radius)
        band[0, 0] = 0
        rows, columns = (1j * np.where(np.abs(axis) < 0.5, axis, 0) / radius for axis in (down, right))
        even, odd = back(band), np.hypot(back(rows * band), back(columns * band))
        size = np.hypot(even, odd)
        if scale == 1:
            deviation = np.median(size) / np.sqrt(np.log(4)) * (1 - (1 / 2.1) ** 3) / (1 - 1 / 2.1)
            threshold = deviation * (np.sqrt(np.pi / 2) + 2 * np.sqrt((4 - np.pi) / 2))
        total += np.maximum(odd - np.abs(even) - threshold, 0) / (size + 1e-2)
    expected = total[16:24, 16:26]
    expected = expected / expected.max() if expected.max() else expected
    assert np.allclose(phase_asymmetry(image, 3), expected, atol=1e-6)


def interpolated(table, place):
    lower = min(int(place), 254)
    return table[lower] + (place - lower) * (table[lower + 1] - table[lower])


def test_pfdtv(image):
    terms, table = 5, coefficients(5).astype(float)
    observed = 255 * image.astype(float)
    current = observed.copy()
    for _ in range(2):
        asymmetry = phase_asymmetry(current, 4)
        padded = np.pad(current, terms, mode="symmetric")
        order = [[interpolated(table, p * p * 255) for p in line] for line in asymmetry]
        down, right = np.zeros(image.shape), np.zeros(image.shape)
        for row, column in pixels(image):
            for k, weight in enumerate(order[row][column]):
                down[row, column] += weight * padded[row + terms - k, column + terms]
                right[row, column] += weight * padded[row + terms, column + terms - k]
        size2 = down**2 + right**2
        fields = []
        for part in (down, right):
            gain = (1 + 254 * asymmetry) ** 2
            variation = part / np.sqrt(size2 + 1e-4)
            diffusion = part * 14.1**2 / (14.1**2 + gain * size2)
            fields.append([np.pad(field, terms, mode="symmetric") for field in (variation, diffusion)])
        following = current.copy()
        for row, column in pixels(image):
            p = asymmetry[row, column]
            force = 0.01 * (current[row, column] - observed[row, column])
            for k, weight in enumerate(order[row][column]):
                i, j = row + terms, column + terms
                force += weight * p * (2 - p) * (fields[0][0][i + k, j] + fields[1][0][i, j + k])
                force += weight * (1 - p) ** 2 * (fields[0][1][i + k, j] + fields[1][1][i, j + k])
            following[row, column] -= 0.15 * force
        current = following
    found = Pfdtv(iterations=2, terms=terms, scales=4).despeckle_plane(image)
    assert np.allclose(found, current / 255, **CLOSE)
