"""PFDTV against a literal transcription, and its fractional coefficients."""

import numpy as np
from plain_loops import CLOSE, pixels
from usbench.methods.classical.pfdtv import Pfdtv, coefficients
from usbench.methods.classical.phase import phase_asymmetry


def test_fractional_coefficients_are_binomial_and_of_sum_zero():
    from scipy.special import binom

    table = coefficients(8)
    assert np.allclose(table[0, :3], [1, -1, 0], atol=1e-6)  # order 1: a plain difference
    assert np.allclose(table[-1, :4], [1, -2, 1, 0], atol=1e-6)  # order 2
    order = 1 + np.log2(1 + 100 / 255)
    assert np.allclose(table[100, :7], [(-1) ** k * binom(order, k) for k in range(7)], atol=1e-6)
    assert np.allclose(table.sum(axis=1), 0, atol=1e-6)


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
