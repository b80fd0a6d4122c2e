"""Power, against statsmodels and simulations of boards."""

import numpy as np
import pytest

from usbench.board.holm import holm_against_best
from usbench.board.paired_tests import paired_t
from usbench.board.power import power, power_table


def test_the_power_of_two_methods_is_that_of_a_t_test():
    from statsmodels.stats.power import TTestPower

    for groups in (4, 8, 24, 48):
        expected = TTestPower().power(effect_size=0.5, nobs=groups, alpha=0.05)
        assert power(groups, 0.1, 0.2, 2) == pytest.approx(expected, abs=1e-3)
    assert power(12, 0.0, 1.0, 2) == pytest.approx(0.05, abs=1e-3)


def test_the_power_is_what_boards_find_at_least():
    rng, boards, methods, groups, lead = np.random.default_rng(6), 1500, 10, 12, 1.4
    first_step, step_down = 0, 0
    for _ in range(boards):
        scores = rng.normal(size=(methods, groups)) / np.sqrt(2)
        scores[0] += lead
        best = scores.mean(axis=1).argmax()
        p = paired_t(scores[best] - np.delete(scores, best, axis=0))
        first_step += best == 0 and p[0] * methods * (methods - 1) / 2 < 0.05
        step_down += best == 0 and holm_against_best(p)[0] < 0.05
    least = power(groups, lead, 1.0, methods)
    assert 0.3 < least < 0.9
    assert first_step / boards == pytest.approx(least, abs=0.04)
    assert step_down > first_step


def test_the_planning_table_grows_with_groups_and_shrinks_with_spread():
    table = power_table([8, 24, 48], [0.1, 0.2, 0.4])
    assert [groups for groups, _ in table] == [8, 24, 48]
    chances = np.array([chances for _, chances in table])
    assert (np.diff(chances, axis=0) > 0).all()
    assert (np.diff(chances, axis=1) < 0).all()
    assert chances[2, 1] > 0.9 > 0.5 > chances[1, 1]  # .2 dB at a spread of .2 dB: 48 groups find it, 24 do not
