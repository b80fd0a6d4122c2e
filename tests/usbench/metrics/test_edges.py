"""Edge metrics against SciPy's operators and closed forms."""

import numpy as np
import pytest
from scipy.ndimage import laplace, median_filter

from usbench.metrics.edges import epi_beta, epi_ratio


@pytest.fixture(scope="module")
def images() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    reference = rng.random((40, 50))
    return np.clip(reference + 0.2 * rng.standard_normal(reference.shape), 0, 1), reference


def test_epi_ratio_is_the_ratio_of_summed_differences(images):
    def total(image):
        return sum(
            abs(image[r + dr, c + dc] - image[r, c])
            for r in range(image.shape[0])
            for c in range(image.shape[1])
            for dr, dc in ((1, 0), (0, 1))
            if r + dr < image.shape[0] and c + dc < image.shape[1]
        )

    assert epi_ratio(*images) == pytest.approx(total(images[0]) / total(images[1]))


def test_epi_ratio_takes_the_reference_below(images):
    _, reference = images
    assert epi_ratio(0.5 * reference, reference) == pytest.approx(0.5)


def test_epi_beta_is_the_correlation_of_scipys_laplacians(images):
    inner = (slice(1, -1), slice(1, -1))
    first, second = (laplace(image)[inner].ravel() for image in images)
    assert epi_beta(*images) == pytest.approx(np.corrcoef(first, second)[0, 1])


def test_epi_beta_of_8_bit_images_does_not_wrap_around():
    # a Laplacian in uint8 turns -4 into 252; the same images as floats and as integers must agree
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 256, (2, 20, 20), dtype=np.uint8)
    wrapped = np.corrcoef(laplace(first).ravel(), laplace(second).ravel())[0, 1]
    right = epi_beta(first / 255.0, second / 255.0)
    expected = np.corrcoef(*(laplace(i.astype(float))[1:-1, 1:-1].ravel() for i in (first, second)))[0, 1]
    assert right == pytest.approx(expected)
    assert abs(right - wrapped) > 1e-3


def test_no_filter_is_hidden_in_the_edge_metrics(images):
    # a median inside the metric would make an impulse vanish
    _, reference = images
    impulse = reference.copy()
    impulse[20, 20] = 1 - np.round(impulse[20, 20])
    assert np.allclose(median_filter(impulse, 3)[19:22, 19:22], median_filter(reference, 3)[19:22, 19:22], atol=0.4)
    assert epi_beta(impulse, reference) < 1 - 1e-4
    assert epi_ratio(impulse, reference) != pytest.approx(1, abs=1e-6)


def test_identity_and_flat_images(images):
    _, reference = images
    assert epi_beta(reference, reference) == pytest.approx(1)
    assert epi_ratio(reference, reference) == 1
    assert epi_beta(np.full_like(reference, 0.5), reference) == 0
    assert epi_ratio(np.full_like(reference, 0.5), reference) == 0
    assert np.isnan(epi_ratio(reference, np.full_like(reference, 0.5)))
