"""Mean ranks and critical differences, against Demšar's examples and scikit-posthocs."""

import numpy as np
import pytest
import scikit_posthocs

from usbench.board.mean_ranks import critical_difference, mean_ranks, win_rates

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
