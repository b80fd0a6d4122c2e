"""The statistics, against SciPy, statsmodels, scikit-posthocs, published examples, and simulations of the null."""

import numpy as np
import pytest
import scikit_posthocs
from scipy import stats
from statsmodels.stats.multitest import multipletests

from usbench.board.bootstrap import mean_interval, mean_intervals
from usbench.board.holm import holm, holm_against_best
from usbench.board.mean_ranks import critical_difference, mean_ranks, win_rates
from usbench.board.signed_rank import signed_rank

# Demsar, JMLR 7:1-30, 2006, table 6: the area under the curve of four decision trees on 14 data sets. The paper ranks
# before it rounds: of the two printed as 0.975 the first is the better one.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.97501, 0.975], [0.957, 0.978, 0.946, 0.970],
    ]
)  # fmt: skip


def test_a_published_signed_rank_test():
    plants = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]  # Darwin's Zea mays, in eighths of an inch
    assert signed_rank(np.array([plants], float))[0] == pytest.approx(0.041259765625, abs=1e-12)


@pytest.mark.parametrize("pairs", [3, 12, 50, 51, 200])
def test_signed_ranks_are_scipys(pairs):
    differences = np.random.default_rng(pairs).normal(0.2, 1, (20, pairs))
    method = "exact" if pairs <= 50 else "asymptotic"
    expected = [stats.wilcoxon(row, method=method).pvalue for row in differences]
    np.testing.assert_allclose(signed_rank(differences), expected, rtol=1e-9)


def test_signed_ranks_with_ties_zeros_and_gaps_are_those_of_every_flip_of_signs():
    rng = np.random.default_rng(0)
    differences = rng.integers(-3, 5, (20, 11)).astype(float)
    differences[rng.random(differences.shape) < 0.2] = np.nan
    every = stats.PermutationMethod(n_resamples=np.inf)
    for row, p in zip(differences, signed_rank(differences), strict=True):
        counted = row[~np.isnan(row) & (row != 0)]
        assert p == pytest.approx(stats.wilcoxon(counted, method=every).pvalue)


def test_large_tied_samples_are_scipys_normal_approximation():
    differences = np.random.default_rng(1).integers(-4, 6, (10, 120)).astype(float)
    expected = [stats.wilcoxon(row, method="asymptotic").pvalue for row in differences]
    np.testing.assert_allclose(signed_rank(differences), expected, rtol=1e-9)


def test_infinite_differences_rank_first_and_nothing_is_not_a_finding():
    infinite, huge = [np.inf, 1, -2, 3, 4, 5], [1e9, 1, -2, 3, 4, 5]
    p = signed_rank(np.array([infinite, huge, [0.0] * 6, [np.nan] * 6]))
    assert p[0] == p[1] < 1
    assert p[2:].tolist() == [1.0, 1.0]


def test_holm_is_statsmodels():
    p = np.random.default_rng(0).random(30) ** 4
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert len(holm(np.empty(0))) == 0


def test_against_the_best_two_methods_are_one_test_and_more_are_all_pairs_that_are_left():
    assert holm_against_best(np.array([0.03])) == pytest.approx([0.03])
    assert holm_against_best(np.array([0.01, 0.001, 0.04])) == pytest.approx([3 * 0.01, 6 * 0.001, 0.04])


def test_under_the_null_a_test_rejects_five_in_a_hundred():
    """Of 60 pairs, where the levels that can be reached are dense."""
    p = signed_rank(np.random.default_rng(0).normal(size=(20_000, 60)))
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 20_000))


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


def test_mean_ranks_and_critical_difference_are_demsars():
    assert mean_ranks(DEMSAR.T).tolist() == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=5e-3)
    assert critical_difference(4, 14, level=0.1) == pytest.approx(1.12, abs=5e-3)


@pytest.mark.parametrize(
    ("methods", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (8, 3.031), (10, 3.164)]
)
def test_critical_values_are_those_of_demsars_table_5(methods, q):
    unit = np.sqrt(methods * (methods + 1) / (6 * 25))
    assert critical_difference(methods, 25) / unit == pytest.approx(q, abs=1.1e-3)


def test_two_mean_ranks_differ_where_scikit_posthocs_says_so():
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(7, 25)) + np.linspace(0, 1.5, 7)[:, None]
    p = scikit_posthocs.posthoc_nemenyi_friedman(scores.T).to_numpy()
    ranks = mean_ranks(scores)
    apart = np.abs(ranks[:, None] - ranks) > critical_difference(7, 25)
    assert (apart == (p < 0.05)).all()
    assert 0 < apart.sum() < 42


def test_a_missing_score_ranks_last_and_is_a_lost_game():
    scores = np.array([[5.0, np.nan, 5.0], [1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    assert mean_ranks(scores).tolist() == pytest.approx([(1 + 3 + 1) / 3, (2.5 + 1 + 2.5) / 3, (2.5 + 2 + 2.5) / 3])
    assert win_rates(scores, scores[1]).tolist() == pytest.approx([2 / 3, 1 / 2, 1 / 3])
    assert np.isnan(win_rates(scores, np.full(3, np.nan))).all()


def test_the_interval_resamples_groups_not_frames():
    rng = np.random.default_rng(0)
    patients = np.repeat(rng.normal(0, 1, 20), 50)
    values = patients + 0.01 * rng.normal(size=1000)
    low, high = mean_interval(values, np.repeat(np.arange(20), 50))
    assert high - low == pytest.approx(2 * 1.96 * patients[::50].std() / np.sqrt(20), rel=0.2)
    frames = mean_interval(values, np.arange(1000))
    assert frames[1] - frames[0] < 0.25 * (high - low)
    assert np.isnan(mean_interval(values, np.zeros(1000, int))).all()


def test_the_interval_covers_the_truth_as_often_as_it_says():
    low, high = mean_intervals(np.random.default_rng(1).normal(size=(3000, 60)), np.arange(60))
    assert ((low < 0) & (high > 0)).mean() == pytest.approx(0.95, abs=0.02)


def test_intervals_of_many_are_those_of_each_whatever_is_missing():
    rng = np.random.default_rng(2)
    values, groups = rng.normal(size=(6, 40)), np.repeat(np.arange(10), 4)
    values[2, :4] = values[3, 5] = np.nan
    values[4, 0] = np.inf
    values[5, 4:] = np.nan
    together = np.array(mean_intervals(values, groups)).T
    for row, ends in zip(values, together, strict=True):
        np.testing.assert_allclose(ends, mean_interval(row, groups))
    kept = groups >= 1
    np.testing.assert_allclose(together[2], mean_interval(values[2, kept], groups[kept] - 1))
    assert np.isnan(together[4:]).all()
