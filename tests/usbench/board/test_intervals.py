"""Confidence intervals, against SciPy and simulations of how often they cover the truth."""

import numpy as np
import pytest
from scipy import stats

from usbench.board.intervals import mean_interval, mean_intervals


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
