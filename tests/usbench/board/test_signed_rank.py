"""The signed rank test, against SciPy, a published example, and simulations of the null."""

import numpy as np
import pytest
from scipy import stats

from usbench.board.signed_rank import signed_rank


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


def test_under_the_null_a_test_rejects_five_in_a_hundred():
    """Of 60 pairs, where the levels that can be reached are dense."""
    p = signed_rank(np.random.default_rng(0).normal(size=(20_000, 60)))
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 20_000))
