"""The figure of merit: edges found again."""

import numpy as np
import pytest

from usbench.metrics.canny import canny
from usbench.metrics.fom import figure_of_merit


@pytest.fixture(scope="module")
def shapes():
    image = np.full((96, 96), 0.2)
    image[20:50, 25:70] = 0.8
    image[60:85, 10:40] = 0.5
    return image


def test_fom_is_pratts_formula(shapes):
    noisy = np.clip(shapes + 0.08 * np.random.default_rng(0).normal(size=shapes.shape), 0, 1)
    found, ideal = (canny(image, 1.0, 0.1, 0.2) for image in (noisy, shapes))
    total = 0.0
    places = np.argwhere(ideal)
    for place in np.argwhere(found):
        total += 1 / (1 + ((places - place) ** 2).sum(1).min() / 9)
    assert figure_of_merit(noisy, shapes) == pytest.approx(total / max(found.sum(), ideal.sum()))
    assert figure_of_merit(noisy, shapes) < 1


def test_fom_of_the_same_of_no_edges_and_of_a_shift(shapes):
    assert figure_of_merit(shapes, shapes) == 1
    assert figure_of_merit(np.full_like(shapes, 0.3), shapes) == 0
    assert figure_of_merit(shapes, np.full_like(shapes, 0.3)) == 0
    assert figure_of_merit(np.full_like(shapes, 0.4), np.full_like(shapes, 0.3)) == 1
    shifted = [figure_of_merit(np.roll(shapes, n, 1), shapes) for n in (1, 3)]
    assert 1 > shifted[0] > shifted[1]
