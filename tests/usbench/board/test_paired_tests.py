"""Paired tests, against SciPy and a published example."""

import numpy as np
import pytest
from scipy import stats

from usbench.board.paired_tests import decidable, paired_t, paired_test
from usbench.board.signed_rank import signed_rank


def test_a_paired_t_test_is_scipys():
    differences = np.random.default_rng(0).normal(0.3, 1, (50, 9))
    np.testing.assert_allclose(paired_t(differences), stats.ttest_1samp(differences, 0, axis=1).pvalue, rtol=1e-9)


def test_a_published_t_test():
    """Student 1908: hours of sleep gained by ten patients under two drugs."""
    dextro = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    laevo = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    assert paired_t((laevo - dextro)[None])[0] == pytest.approx(0.002833, abs=5e-7)


def test_t_tests_of_equal_infinite_and_missing_differences():
    rows = {
        "all zero": ([0.0] * 5, 1.0),
        "all equal": ([0.1] * 5, 0.0),
        "always infinitely better": ([np.inf] * 5, 0.0),
        "infinite on one of five": ([np.inf, 1, 1, 1, 1], stats.ttest_1samp([1, 0, 0, 0, 0], 0).pvalue),
        "infinite both ways": ([np.inf, -np.inf, 1, 1, 1], 1.0),
        "no pair": ([np.nan] * 5, 1.0),
        "one pair": ([3.0, *[np.nan] * 4], 1.0),
        "four pairs": ([1.0, 2, 3, 4, np.nan], stats.ttest_1samp([1, 2, 3, 4], 0).pvalue),
    }
    found = paired_t(np.array([row for row, _ in rows.values()]))
    assert dict(zip(rows, found, strict=True)) == pytest.approx({name: p for name, (_, p) in rows.items()})


def test_one_huge_difference_tends_to_an_infinite_one():
    huge, infinite = ([value, 1.0, 2.0, 0.5, 1.0, 0.1] for value in (1e9, np.inf))
    assert paired_t(np.array([huge]))[0] == pytest.approx(paired_t(np.array([infinite]))[0], rel=1e-6)


def test_from_18_groups_on_it_is_the_signed_rank_and_below_4_pairs_there_is_no_finding():
    differences = np.random.default_rng(3).normal(0.5, 1, (4, 18))
    assert (paired_test(differences) == signed_rank(differences)).all()
    assert (paired_test(differences[:, :17]) == paired_t(differences[:, :17])).all()
    differences[0, 3:] = np.nan
    assert paired_test(differences)[0] == 1
    assert paired_t(np.array([[5.0, 5.0, 5.0, np.nan]]))[0] == 0
    assert paired_test(np.array([[5.0, 5.0, 5.0, np.nan]]))[0] == 1


def test_what_can_be_decided_at_all():
    assert [decidable(groups, 90 * 89 / 2) for groups in (3, 4, 17, 18, 40)] == [False, True, True, True, True]
    assert not decidable(18, 200 * 199 / 2)  # 2^-17 * 19900 is .15
    assert decidable(20, 200 * 199 / 2)
