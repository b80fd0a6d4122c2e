"""Wires of known width."""

import numpy as np
import pytest

from usbench.metrics.resolution import wire_axial, wire_lateral


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
