"""The statistics, against SciPy, statsmodels, scikit-posthocs, published examples, and simulations of the null."""

import numpy as np
import pytest
import scikit_posthocs
from scipy import stats
from statsmodels.stats.multitest import multipletests

from usbench.board.holm import holm, holm_against_best
from usbench.board.intervals import mean_interval, mean_intervals
from usbench.board.mean_ranks import critical_difference, mean_ranks, win_rates
from usbench.board.paired_tests import decidable, paired_t, paired_test
from usbench.board.power import power, power_table
from usbench.board.signed_rank import signed_rank
from usbench.board.split_half import split_half_tau

BOARDS = 2000  # that a simulation of the family-wise error draws

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


@pytest.mark.parametrize("groups", [4, 12])
@pytest.mark.parametrize(("values", "least"), [("normal", 0.94), ("skewed", 0.925)])
def test_t_intervals_cover_the_truth_as_often_as_they_say(values, least, groups):
    """Skewed: a gamma distribution of shape 4, whose skewness is 1."""
    rng, count = np.random.default_rng(groups), 20_000
    made = rng.normal(size=(count, groups)) if values == "normal" else rng.gamma(4, size=(count, groups)) - 4
    low, high = mean_intervals(made, np.arange(groups))
    covered = ((low < 0) & (high > 0)).mean()
    assert least < covered < 0.96


def test_t_intervals_of_equal_groups_are_scipys_on_group_means():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(7), 3)
    values = rng.normal(size=7)[groups] + 0.1 * rng.normal(size=21)
    expected = stats.ttest_1samp(values.reshape(7, 3).mean(axis=1), 0).confidence_interval(0.95)
    assert mean_interval(values, groups) == pytest.approx(tuple(expected))


def test_the_interval_of_unequal_groups_is_about_the_mean_over_images_and_covers():
    rng, groups = np.random.default_rng(5), np.repeat(np.arange(12), [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4])
    values = rng.normal(size=(20_000, 12))[:, groups] + 0.5 * rng.normal(size=(20_000, len(groups)))
    low, high = mean_intervals(values, groups)
    np.testing.assert_allclose((low + high) / 2, values.mean(axis=1), atol=1e-12)
    covered = ((low < 0) & (high > 0)).mean()
    assert 0.93 < covered < 0.96


def test_intervals_are_of_groups_not_frames_and_need_four():
    rng = np.random.default_rng(0)
    patients = np.repeat(rng.normal(0, 1, 20), 50)
    values = patients + 0.01 * rng.normal(size=1000)
    low, high = mean_interval(values, np.repeat(np.arange(20), 50))
    frames = mean_interval(values, np.arange(1000))
    assert frames[1] - frames[0] < 0.25 * (high - low)
    for groups, there in ((1, False), (3, False), (4, True)):
        assert np.isfinite(mean_interval(values, np.arange(1000) % groups)).all() == there


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
    assert mean_interval(np.full(8, 0.5), np.arange(8)) == (0.5, 0.5)


def test_split_half_tau_is_scipys_kendall_on_the_halves():
    merits = np.random.default_rng(0).integers(0, 4, (12, 10)).astype(float)
    rng, taus = np.random.default_rng(0), []
    for split in np.argsort(rng.random((100, 10)), axis=1):
        halves = merits[:, split[:5]].mean(axis=1), merits[:, split[5:]].mean(axis=1)
        taus.append(stats.kendalltau(*halves).statistic)
    assert split_half_tau(merits) == pytest.approx(np.mean(taus))


def test_split_half_tau_tells_an_order_from_chance():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(30, 12))
    ordered = noise + np.linspace(0, 30, 30)[:, None]
    assert split_half_tau(noise) < 0.2
    assert split_half_tau(ordered) > 0.9
    assert split_half_tau(np.ones((5, 8))) == 0
    assert split_half_tau(noise[:, :3]) is None
    assert split_half_tau(noise[:1]) is None
    assert split_half_tau(np.vstack([ordered, np.full((1, 12), np.nan)])) == split_half_tau(ordered)
    assert split_half_tau(np.array([[np.inf] * 4, [1.0] * 4, [np.inf] * 4])) == 1


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
