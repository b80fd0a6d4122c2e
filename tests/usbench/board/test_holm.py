"""Holm's correction, against statsmodels and simulations of the family-wise error."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from usbench.board.holm import holm, holm_against_best
from usbench.board.paired_tests import paired_test
from usbench.board.signed_rank import signed_rank

BOARDS = 2000  # that a simulation of the family-wise error draws


def test_holm_is_statsmodels():
    p = np.random.default_rng(0).random(30) ** 4
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert len(holm(np.empty(0))) == 0


def test_against_the_best_two_methods_are_one_test_and_more_are_all_pairs_that_are_left():
    assert holm_against_best(np.array([0.03])) == pytest.approx([0.03])
    assert holm_against_best(np.array([0.01, 0.001, 0.04])) == pytest.approx([3 * 0.01, 6 * 0.001, 0.04])


def test_under_the_null_the_picked_best_is_told_apart_from_equals_five_times_in_a_hundred_at_most():
    rng, boards, methods = np.random.default_rng(1), 1500, 6
    ours, naive = 0, 0
    for _ in range(boards):
        scores = rng.normal(size=(methods, 30)) + 3 * rng.normal(size=30)
        best = scores.mean(axis=1).argmax()
        p = signed_rank(scores[best] - np.delete(scores, best, axis=0))
        ours += holm_against_best(p).min() < 0.05
        naive += p.min() < 0.05
    error = 3 * np.sqrt(0.05 * 0.95 / boards)
    assert 0.02 < ours / boards < 0.05 + error
    assert naive / boards > 0.15  # so the simulation can tell a test that keeps its level from one that does not


def test_a_true_difference_is_found():
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(5, 30)) + 3 * rng.normal(size=30) + np.array([2.0, 0, 0, 0, 0])[:, None]
    assert (holm_against_best(signed_rank(scores[0] - scores[1:])) < 0.05).all()


FIELDS = {
    "85 far behind": np.concatenate([np.zeros(5), np.full(85, -10.0)]),
    "85 in a row behind": np.concatenate([np.zeros(5), -np.linspace(0.2, 8, 85)]),
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("groups", [8, 12, 20])
def test_of_90_methods_of_which_5_are_equally_good_the_best_is_told_apart_from_its_equals_at_most_at_the_level(
    field, groups
):
    """Means are in standard deviations of a method on a group."""
    rng, boards = np.random.default_rng(groups), BOARDS
    means, errors = FIELDS[field], 0
    for _ in range(boards):
        scores = means[:, None] + rng.normal(size=(90, groups)) + 3 * rng.normal(size=groups)
        best = scores.mean(axis=1).argmax()
        p = np.ones(90)
        others = np.arange(90) != best
        p[others] = holm_against_best(paired_test(scores[best] - scores[others]))
        no_worse = others & (means >= means[best])
        errors += (p[no_worse] < 0.05).any()
    print("fwer", field, groups, errors / boards)
    assert errors / boards < 0.05 + 3 * np.sqrt(0.05 * 0.95 / boards)


def test_without_the_step_down_of_all_pairs_the_level_would_not_be_kept():
    """So the simulation can tell a correction that holds from one that does not."""
    rng, boards, errors = np.random.default_rng(8), BOARDS, 0
    for _ in range(boards):
        scores = FIELDS["85 far behind"][:, None] + rng.normal(size=(90, 12))
        best = scores.mean(axis=1).argmax()
        others = np.arange(90) != best
        p = np.ones(90)
        p[others] = holm(paired_test(scores[best] - scores[others]))
        errors += (p[:5] < 0.05).any()
    print("naive", errors / boards)
    assert errors / boards > 0.05 + 3 * np.sqrt(0.05 * 0.95 / boards)
