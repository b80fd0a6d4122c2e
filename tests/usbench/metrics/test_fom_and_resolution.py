"""Edges found again, and wires of known width."""

import numpy as np
import pytest

from usbench.metrics.canny import canny
from usbench.metrics.fom import figure_of_merit
from usbench.metrics.resolution import wire_axial, wire_lateral


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


def test_wires_have_the_width_of_their_spot_at_minus_6_db():
    row, column = np.mgrid[:64, :64]
    axial, lateral, range_db = 1.5, 3.0, 60.0
    decibels = 20 * np.log10(np.exp(-0.5 * (((row - 30) / axial) ** 2 + ((column - 33) / lateral) ** 2)) + 1e-9)
    display = np.clip(1 + decibels / range_db, 0, 1)
    # the amplitude of a Gaussian is 10^(-6/20) of its peak at 1.1754 deviations
    assert wire_axial(display, (31, 32), range_db) == pytest.approx(2 * 1.1754 * axial, abs=0.15)
    assert wire_lateral(display, (31, 32), range_db) == pytest.approx(2 * 1.1754 * lateral, abs=0.15)
    assert wire_axial(np.full_like(display, 0.5), (31, 32), range_db) == 25


def test_a_wire_at_the_border_is_no_error():
    display = np.zeros((20, 20))
    display[0, 0] = 1
    assert wire_axial(display, (0, 0), 60.0) == 25
