"""Diffusion filters against literal transcriptions of their schemes, pixel by pixel."""

import numpy as np
import pytest
from usbench.methods.classical.admss import Admss
from usbench.methods.classical.coherence import Coherence
from usbench.methods.classical.dpad import Dpad
from usbench.methods.classical.lpnd import Lpnd
from usbench.methods.classical.mixture import fit_gamma_mixture
from usbench.methods.classical.osrad import Osrad
from usbench.methods.classical.perona_malik import PeronaMalik
from usbench.methods.classical.srad import Srad

CLOSE = {"rtol": 0, "atol": 1e-5}


def pixels(image):
    return ((row, column) for row in range(image.shape[0]) for column in range(image.shape[1]))


def at(image, row, column):
    """Return a pixel; beyond the border, the nearest one."""
    return image[min(max(row, 0), image.shape[0] - 1), min(max(column, 0), image.shape[1] - 1)]


def four(image, row, column):
    """Return the differences to the neighbours in the north, south, west and east."""
    around = ((-1, 0), (1, 0), (0, -1), (0, 1))
    return [at(image, row + down, column + right) - image[row, column] for down, right in around]


def convolved(image, half):
    """Convolve with a symmetric kernel given by its middle and right half, borders mirrored."""
    reach = len(half) - 1
    kernel = np.array([*half[:0:-1], *half])
    padded = np.pad(image, reach, mode="symmetric")
    result = np.zeros_like(image)
    for row, column in pixels(image):
        result[row, column] = kernel @ padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1] @ kernel
    return result


def gaussian(image, sigma):
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return convolved(image, (kernel / kernel.sum())[reach:])


def gradient(image):
    down, right = np.zeros_like(image), np.zeros_like(image)
    for row, column in pixels(image):
        down[row, column] = (at(image, row + 1, column) - at(image, row - 1, column)) / 2
        right[row, column] = (at(image, row, column + 1) - at(image, row, column - 1)) / 2
    return down, right


def perona_malik(image, iterations, kappa, step, conduction):
    current = image.astype(float)
    for _ in range(iterations):
        following = current.copy()
        for row, column in pixels(current):
            for difference in four(current, row, column):
                following[row, column] += step * conduction(difference / kappa) * difference
        current = following
    return current


@pytest.mark.parametrize(
    ("name", "conduction"),
    [("exponential", lambda g: np.exp(-(g**2))), ("rational", lambda g: 1 / (1 + g**2))],
)
def test_perona_malik(image, name, conduction):
    method = PeronaMalik(iterations=7, kappa=0.2, step=0.2, conduction=name)
    assert np.allclose(method.despeckle_plane(image), perona_malik(image, 7, 0.2, 0.2, conduction), **CLOSE)


def srad_flow(current, coefficient, row, column):
    north, south, west, east = four(current, row, column)
    here = coefficient[row, column]
    flow = at(coefficient, row + 1, column) * south + here * north
    return flow + at(coefficient, row, column + 1) * east + here * west


def test_srad(image):
    current = image.astype(float)
    for step in range(6):
        scale = 0.6 * np.exp(-0.5 * step * 0.2)
        coefficient = np.empty_like(current)
        for row, column in pixels(current):
            value, differences = current[row, column], np.array(four(current, row, column))
            laplacian = differences.sum() / value
            top = (differences**2).sum() / value**2 / 2 - laplacian**2 / 16
            q2 = top / (1 + laplacian / 4) ** 2
            coefficient[row, column] = min(1, 1 / (1 + (q2 - scale**2) / (scale**2 * (1 + scale**2))))
        flows = [0.2 / 4 * srad_flow(current, coefficient, *place) for place in pixels(current)]
        current = current + np.reshape(flows, current.shape)
    method = Srad(iterations=6, time_step=0.2, q0=0.6, rho=0.5)
    assert np.allclose(method.despeckle_plane(image), current, **CLOSE)


def kuan_coefficient(current, per_window):
    q2 = per_window(current, 5, lambda window: window.var() / window.mean() ** 2)
    scale = np.median(q2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (1 + 1 / q2) / (1 + 1 / scale)
    return np.where(q2 <= max(scale, 1e-15), 1, np.minimum(1, ratio))


def test_dpad(image, per_window):
    current = image.astype(float)
    for _ in range(4):
        coefficient = kuan_coefficient(current, per_window)
        flows = [0.2 / 4 * srad_flow(current, coefficient, *place) for place in pixels(current)]
        current = current + np.reshape(flows, current.shape)
    assert np.allclose(Dpad(iterations=4, time_step=0.2).despeckle_plane(image), current, **CLOSE)


def tensor_step(current, across, mixed, along, time_step):
    """One explicit step: half-point fluxes on the axes, central differences for the mixed terms."""
    following = current.copy()
    for i, j in pixels(current):
        flow = 0.0
        for part, down, right in ((across, 1, 0), (across, -1, 0), (along, 0, 1), (along, 0, -1)):
            mean = (part[i, j] + at(part, i + down, j + right)) / 2
            flow += mean * (at(current, i + down, j + right) - current[i, j])
        for down in (1, -1):
            slope = (at(current, i + down, j + 1) - at(current, i + down, j - 1)) / 2
            flow += down * at(mixed, i + down, j) * slope / 2
        for right in (1, -1):
            slope = (at(current, i + 1, j + right) - at(current, i - 1, j + right)) / 2
            flow += right * at(mixed, i, j + right) * slope / 2
        following[i, j] += time_step * flow
    return following


def test_coherence_enhancing_diffusion(image):
    current = 255 * image.astype(float)
    for _ in range(2):
        down, right = gradient(gaussian(current, 0.7))
        parts = [gaussian(part, 1.5) for part in (down * down, down * right, right * right)]
        tensor = np.empty((3, *image.shape))
        for place in pixels(current):
            matrix = np.array([[parts[0][place], parts[1][place]], [parts[1][place], parts[2][place]]])
            values, vectors = np.linalg.eigh(matrix)
            gap = values[1] - values[0]
            lambdas = [0.001 + 0.999 * np.exp(-1 / gap**2) if gap > 1e-9 else 0.001, 0.001]  # along, across
            diffusion = vectors @ np.diag(lambdas) @ vectors.T
            tensor[(slice(None), *place)] = diffusion[0, 0], diffusion[0, 1], diffusion[1, 1]
        current = tensor_step(current, *tensor, 0.2)
    method = Coherence(iterations=2, inner=0.7, outer=1.5)
    assert np.allclose(method.despeckle_plane(image), current / 255, **CLOSE)


@pytest.mark.parametrize("tangent", [1.0, 0.4])
def test_osrad(image, per_window, tangent):
    current = image.astype(float)
    for _ in range(2):
        coefficient = kuan_coefficient(current, per_window)
        down, right = gradient(gaussian(current, 1.0))
        tensor = np.empty((3, *image.shape))
        for place in pixels(current):
            normal = np.array([down[place], right[place]])
            length = np.hypot(*normal)
            normal = normal / length if length > 1e-7 else np.array([1.0, 0.0])
            contour = np.array([-normal[1], normal[0]])
            diffusion = coefficient[place] * np.outer(normal, normal) + tangent * np.outer(contour, contour)
            tensor[(slice(None), *place)] = diffusion[0, 0], diffusion[0, 1], diffusion[1, 1]
        current = tensor_step(current, *tensor, 0.2)
    assert np.allclose(Osrad(iterations=2, tangent=tangent).despeckle_plane(image), current, **CLOSE)


def log_gamma_density(value, shape, scale):
    from math import lgamma

    return (shape - 1) * np.log(value) - value / scale - shape * np.log(scale) - lgamma(shape)


@pytest.mark.parametrize("selective", [False, True])
def test_admss(image, selective):
    if image.min() == image.max():
        assert np.array_equal(Admss().despeckle_plane(image), image)
        return
    current = image.astype(float)
    share, shape, scale = fit_gamma_mixture(image, 3)
    memory = None
    for _ in range(2):
        smoothed = gaussian(current, 1.0)
        classes = np.empty((3, *image.shape))
        for place in pixels(current):
            logs = [log_gamma_density(smoothed[place], k, t) for k, t in zip(shape, scale, strict=True)]
            densities = share * np.exp(np.array(logs) - max(logs))
            classes[(slice(None), *place)] = densities / densities.sum()
        slopes = [gradient(part) for part in classes]
        tensors = [[gaussian(a * b, 1.0) for a, b in ((d, d), (d, r), (r, r))] for d, r in slopes]
        state, tensor = np.empty((2, *image.shape)), np.empty((3, *image.shape))
        for place in pixels(current):
            best, edge, vector = -1.0, 0.0, None
            for (down, right), (xx, xy, yy) in zip(slopes, tensors, strict=True):
                values, vectors = np.linalg.eigh(np.array([[xx[place], xy[place]], [xy[place], yy[place]]]))
                if values[1] > best:
                    best, vector = values[1], vectors[:, 1]
                    edge = abs(vector[0] * down[place] + vector[1] * right[place])
            dark = classes[(0, *place)]
            lambdas = np.array([1 - edge, 1.0]) * (dark if selective else 1)
            if memory is not None:
                beta = (1 - dark) / (dark + 1e-7)
                lambdas = (beta * memory[(slice(None), *place)] + lambdas) / (1 + beta)
            state[(slice(None), *place)] = lambdas
            other = np.array([-vector[1], vector[0]])
            diffusion = lambdas[0] * np.outer(vector, vector) + lambdas[1] * np.outer(other, other)
            tensor[(slice(None), *place)] = diffusion[0, 0], diffusion[0, 1], diffusion[1, 1]
        memory = state
        current = tensor_step(current, *tensor, 0.2)
    method = Admss(iterations=2, selective=selective)
    assert np.allclose(method.despeckle_plane(image), current, **CLOSE)


def test_the_gamma_mixture_finds_two_speckle_populations():
    rng = np.random.default_rng(0)
    first, second = 0.1 * rng.gamma(4, 0.25, 6000), 0.6 * rng.gamma(9, 1 / 9, 4000)
    mixture = fit_gamma_mixture(np.concatenate([first, second]).reshape(100, 100), 2)
    assert mixture.share == pytest.approx([0.6, 0.4], abs=0.03)
    assert mixture.shape * mixture.scale == pytest.approx([0.1, 0.6], rel=0.05)
    assert mixture.shape == pytest.approx([4, 9], rel=0.2)


def test_lpnd(image):
    kernel = np.array([6, 4, 1]) / 16

    def expand(coarse, shape):
        spread, present = np.zeros(shape), np.zeros(shape)
        spread[::2, ::2], present[::2, ::2] = coarse, 1
        return convolved(spread, kernel) / convolved(present, kernel)

    current, details = image.astype(float), []
    for _ in range(2):
        coarse = convolved(current, kernel)[::2, ::2]
        details.append(current - expand(coarse, current.shape))
        current = coarse
    for detail in reversed(details):
        size = np.hypot(*gradient(detail))
        threshold = max(3 * 1.4826 * np.median(np.abs(size - np.median(size))), 1e-6)
        smooth = perona_malik(detail, 3, threshold, 0.25, lambda g: np.exp(-(g**2)))
        current = smooth + expand(current, detail.shape)
    assert np.allclose(Lpnd(layers=2, iterations=3, strength=3).despeckle_plane(image), current, **CLOSE)
