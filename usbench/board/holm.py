"""Correction of p-values for the number of tests."""

import numpy as np

LEVEL = 0.05


def holm(p: np.ndarray) -> np.ndarray:
    """Return p-values corrected for all tests of a family by Holm's step-down.

    The probability of rejecting any true hypothesis at the level a is at most a.

    Parameters
    ----------
    p
        (tests,), in [0, 1].

    References
    ----------
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2):65-70, 1979.
    """
    return _step_down(p, np.arange(len(p), 0, -1))


def holm_against_best(p: np.ndarray) -> np.ndarray:
    """Return the corrected p-values of every method against the best.

    The best is picked by the same data, and the winner among equals looks better than it is. So the family is not the
    m - 1 tests made but all pairs. Once i methods are told apart from the best, at most k = m - i methods, itself
    included, can be equal to it, which make k (k - 1) / 2 pairs. Holm's step-down with these factors keeps the level
    whichever method is picked, as Shaffer's does for all pairs.

    Parameters
    ----------
    p
        (m - 1,), of the tests against the best.

    References
    ----------
    Shaffer, Modified sequentially rejective multiple test procedures, JASA 81(395):826-831, 1986,
    doi 10.1080/01621459.1986.10478341.
    """
    equal = np.arange(len(p) + 1, 1, -1)
    return _step_down(p, equal * (equal - 1) / 2)


def _step_down(p: np.ndarray, factors: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1, np.maximum.accumulate(p[order] * factors))
    return corrected
