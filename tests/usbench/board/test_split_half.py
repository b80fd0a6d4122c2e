"""Agreement of the halves of a board, against SciPy."""

import numpy as np
import pytest
from scipy import stats

from usbench.board.split_half import split_half_tau


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
