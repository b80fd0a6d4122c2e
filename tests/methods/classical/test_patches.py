"""Filters that compare patches against literal transcriptions, pixel by pixel."""

import numpy as np
import pytest
from usbench.methods.classical.bilateral import Bilateral
from usbench.methods.classical.nllrf import Nllrf
from usbench.methods.classical.nlm import Nlm
from usbench.methods.classical.obnlm import Obnlm
from usbench.methods.classical.ppb import Ppb, quantile_distance
from usbench.methods.classical.wnnm import Wnnm

from usbench.core.errors import UsageError

CLOSE = {"rtol": 0, "atol": 1e-5}


class Patches:
    """Patches around pixels of an image continued by mirroring."""

    def __init__(self, image, search, patch):
        self.reach, self.patch = search // 2, patch // 2
        self.margin = self.reach + self.patch
        self.padded = np.pad(image.astype(float), self.margin, mode="symmetric")

    def around(self, row, column):
        top, left = row + self.margin - self.patch, column + self.margin - self.patch
        return self.padded[top : top + 2 * self.patch + 1, left : left + 2 * self.patch + 1]

    def displacements(self):
        span = range(-self.reach, self.reach + 1)
        return ((down, right) for down in span for right in span)


def pixels(image):
    return ((row, column) for row in range(image.shape[0]) for column in range(image.shape[1]))


def test_bilateral(image, per_window):
    offsets = np.arange(-3, 4)
    spatial = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 2.0**2))

    def rule(window):
        weights = spatial * np.exp(-((window - window[3, 3]) ** 2) / (2 * 0.2**2))
        return (weights * window).sum() / weights.sum()

    method = Bilateral(size=7, sigma_spatial=2, sigma_range=0.2)
    assert np.allclose(method.despeckle_plane(image), per_window(image, 7, rule), **CLOSE)


def test_nlm(image):
    patches, expected = Patches(image, 7, 5), np.empty(image.shape)
    for row, column in pixels(image):
        total = norm = greatest = 0.0
        for down, right in set(patches.displacements()) - {(0, 0)}:
            far = patches.around(row + down, column + right)
            weight = np.exp(-((patches.around(row, column) - far) ** 2).mean() / 0.15**2)
            total, norm, greatest = total + weight * far[2, 2], norm + weight, max(greatest, weight)
        expected[row, column] = (total + greatest * image[row, column]) / (norm + greatest)
    assert np.allclose(Nlm(search=7, patch=5, h=0.15).despeckle_plane(image), expected, **CLOSE)


def pearson_weights(patches, row, column, h, gamma):
    near = patches.around(row, column)
    weights = {}
    for down, right in patches.displacements():
        far = patches.around(row + down, column + right)
        weights[down, right] = np.exp(-((near - far) ** 2 / far ** (2 * gamma)).mean() / h**2)
    del weights[0, 0]
    weights[0, 0] = max(weights.values()) or 1.0
    return weights


@pytest.mark.parametrize(("h", "gamma"), [(2.0, 0.5), (20.0, 0.2)])
def test_pixelwise_obnlm(image, h, gamma):
    patches, expected = Patches(255 * image.astype(float) + 100, 5, 7), np.empty(image.shape)
    for row, column in pixels(image):
        weights = pearson_weights(patches, row, column, h, gamma)
        values = [weight * patches.around(row + d, column + r)[3, 3] for (d, r), weight in weights.items()]
        expected[row, column] = (sum(values) / sum(weights.values()) - 100) / 255
    method = Obnlm(search=5, patch=7, h=h, gamma=gamma, block_step=0)
    assert np.allclose(method.despeckle_plane(image), expected, **CLOSE)


# each size of a patch is compiled for itself, which takes seconds
OTHER_PATCHES = [pytest.param(5, 2, marks=pytest.mark.full), pytest.param(3, 1, marks=pytest.mark.full)]


@pytest.mark.parametrize(("patch", "step"), [(7, 2), (7, 3), *OTHER_PATCHES])
def test_blockwise_obnlm(image, patch, step):
    patches, half = Patches(255 * image.astype(float) + 100, 5, patch), patch // 2
    height, width = image.shape
    estimates = [[[] for _ in range(width)] for _ in range(height)]
    for row in range(0, height, step):
        for column in range(0, width, step):
            weights = pearson_weights(patches, row, column, 2.0, 0.5)
            block = sum(weight * patches.around(row + d, column + r) for (d, r), weight in weights.items())
            block = block / sum(weights.values())
            for i in range(-half, half + 1):
                for j in range(-half, half + 1):
                    if 0 <= row + i < height and 0 <= column + j < width:
                        estimates[row + i][column + j].append(block[half + i, half + j])
    expected = (np.array([[np.mean(cell) for cell in line] for line in estimates]) - 100) / 255
    method = Obnlm(search=5, patch=patch, h=2.0, block_step=step)
    assert np.allclose(method.despeckle_plane(image), expected, **CLOSE)


def test_obnlm_keeps_a_pixel_that_has_no_like():
    image = np.zeros((15, 15), np.float32)
    image[7, 7] = 1.0
    assert Obnlm(search=5, patch=7, h=0.3, block_step=0).despeckle_plane(image)[7, 7] == pytest.approx(1, abs=1e-6)


def test_obnlm_refuses_blocks_that_leave_pixels_out():
    with pytest.raises(UsageError, match="leaves pixels between patches"):
        Obnlm(patch=3, block_step=3)


def test_obnlm_and_bm3d_say_what_they_may_be_used_for():
    assert "WO/2009/133307" in Obnlm.card.licence
    assert "WO/2009/133307" in Obnlm.card.note


def test_ppb(image):
    amplitude, reflectivity = image.astype(float), np.ones(image.shape)
    h = quantile_distance(7, 1.0, 0.92)
    for _ in range(2):
        patches, before = Patches(amplitude, 5, 7), Patches(reflectivity, 5, 7)
        found = np.empty(image.shape)
        for row, column in pixels(image):
            total = norm = greatest = 0.0
            a, r = patches.around(row, column), before.around(row, column)
            for down, right in set(patches.displacements()) - {(0, 0)}:
                b, s = patches.around(row + down, column + right), before.around(row + down, column + right)
                distance = np.log(a / b + b / a).sum() / h + ((r - s) ** 2 / (r * s)).mean() / 0.2
                weight = np.exp(-distance)
                total, norm, greatest = total + weight * b[3, 3] ** 2, norm + weight, max(greatest, weight)
            found[row, column] = (total + greatest * a[3, 3] ** 2) / (norm + greatest)
        reflectivity = found
    assert np.allclose(Ppb(search=5, patch=7, iterations=2).despeckle_plane(image), np.sqrt(reflectivity), **CLOSE)


def key_places(extent, patch, step):
    return sorted({*range(0, extent - patch, step), extent - patch})


def nearest(image, top, left, patch, reach, count):
    """Return the beginnings of the patches nearest to a key, by distance and reading order; the key is first."""
    key = image[top : top + patch, left : left + patch]
    candidates = []
    for row in range(max(top - reach, 0), min(top + reach, image.shape[0] - patch) + 1):
        for column in range(max(left - reach, 0), min(left + reach, image.shape[1] - patch) + 1):
            distance = 0.0
            for difference in (key - image[row : row + patch, column : column + patch]).ravel():
                distance += difference * difference
            candidates.append((-1.0 if (row, column) == (top, left) else distance, row, column))
    return [(row, column) for _, row, column in sorted(candidates)[:count]]


def shrunk(group, penalty):
    left, values, right = np.linalg.svd(group, full_matrices=False)
    kept = values**2 > 4 * penalty
    values = np.where(kept, (values + np.sqrt(np.where(kept, values**2 - 4 * penalty, 0))) / 2, 0)
    return left @ np.diag(values) @ right


def restored(image, groups, patch):
    total, held = np.zeros(image.shape), np.zeros(image.shape)
    for places, group in groups:
        for (row, column), column_of_group in zip(places, group.T, strict=True):
            total[row : row + patch, column : column + patch] += column_of_group.reshape(patch, patch)
            held[row : row + patch, column : column + patch] += 1
    return total / held


def enlarged(image, patch, reach):
    margins = [(0, max(0, patch + reach - extent)) for extent in image.shape]
    return np.pad(image.astype(float), margins, mode="symmetric")


def group_of(image, places, patch):
    return np.stack([image[r : r + patch, c : c + patch].ravel() for r, c in places], axis=1)


def test_wnnm(image):
    patch, reach, count, sigma = 3, 4, 10, 0.15
    noisy = enlarged(image, patch, reach)
    estimate = noisy
    for turn in range(2):
        estimate = estimate + 0.1 * (noisy - estimate)
        if turn == 0:
            keys = [(r, c) for r in key_places(noisy.shape[0], patch, 2) for c in key_places(noisy.shape[1], patch, 2)]
            matched = [nearest(estimate, *key, patch, reach, count) for key in keys]
        groups = []
        for places in matched:
            group = group_of(estimate, places, patch)
            variance = sigma**2
            if turn:
                row, column = places[0]
                window = (slice(row, row + patch), slice(column, column + patch))
                variance = 0.56**2 * abs(sigma**2 - ((noisy[window] - estimate[window]) ** 2).mean())
            mean = group.mean(axis=1, keepdims=True)
            groups.append((places, shrunk(group - mean, 2 * 2.828 * np.sqrt(count) * variance) + mean))
        estimate = restored(noisy, groups, patch)
    method = Wnnm(sigma=sigma, patch=patch, search=reach, similar=count, step=2, iterations=2)
    expected = estimate[: image.shape[0], : image.shape[1]]
    assert np.allclose(method.despeckle_plane(image), expected, **CLOSE)


def test_nllrf(image):
    from scipy.ndimage import gaussian_filter

    patch, reach, count, sigma = 3, 4, 10, 0.1
    noisy = enlarged(image, patch, reach)
    # matched on the filter's own float32 guidance: other roundings would choose other patches of equal distance
    from usbench.methods.classical.separable import gaussian_weights, smooth

    smoothed = smooth(image[None], gaussian_weights(1.5))[0]
    assert np.allclose(smoothed, gaussian_filter(image.astype(float), 1.5, mode="reflect"), **CLOSE)
    guide = enlarged(smoothed, patch, reach)
    groups = []
    for row in key_places(noisy.shape[0], patch, 2):
        for column in key_places(noisy.shape[1], patch, 2):
            places = nearest(guide, row, column, patch, reach, count)
            group = group_of(noisy, places, patch)
            sparse = np.zeros_like(group)
            for _ in range(3):
                mean = (group - sparse).mean(axis=1, keepdims=True)
                low_rank = shrunk(group - sparse - mean, 2 * 2.828 * np.sqrt(count) * sigma**2) + mean
                misfit = group - low_rank
                for number in range(count):
                    length = np.linalg.norm(misfit[:, number])
                    bound = 1.5 * sigma * patch
                    sparse[:, number] = misfit[:, number] * (1 - bound / length if length > bound else 0)
            groups.append((places, low_rank))
    expected = restored(noisy, groups, patch)[: image.shape[0], : image.shape[1]]
    method = Nllrf(sigma=sigma, patch=patch, search=reach, similar=count, step=2)
    assert np.allclose(method.despeckle_plane(image), expected, **CLOSE)


@pytest.mark.parametrize("kind", [Wnnm, Nllrf])
def test_a_pixel_without_a_value_is_no_crash(kind):
    image = np.random.default_rng(0).random((40, 48), np.float32)
    image[20, 20] = np.nan
    method = kind()
    method.prepare()
    try:
        result = method.despeckle_plane(image)
    except np.linalg.LinAlgError:
        return
    assert np.isnan(result[20, 20])
