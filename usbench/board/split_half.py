"""Whether an order of methods would come out again: the agreement of two halves of a board's groups."""

import numpy as np

from usbench.board.intervals import LEAST_GROUPS

SPLITS = 100
CHANCE = 0.5  # below this the order of a board is called chance


def split_half_tau(merits: np.ndarray) -> float | None:
    """Return the mean Kendall tau-b between the orders that two random halves of the groups give.

    The groups are split 100 times with a fixed seed. Methods are ordered by their mean on each half. Methods that have
    no mean on some group are left out.

    Parameters
    ----------
    merits
        (methods, groups), higher is better; NaN where missing.

    Returns
    -------
    float or None
        In [-1, 1]; None for fewer than 4 groups or two methods.

    References
    ----------
    Kendall, The treatment of ties in ranking problems, Biometrika 33(3):239-251, 1945, doi 10.1093/biomet/33.3.239.
    """
    merits = merits[~np.isnan(merits).any(axis=1)]
    methods, groups = merits.shape
    if groups < LEAST_GROUPS or methods < 2:
        return None
    rng = np.random.default_rng(0)
    order = np.argsort(rng.random((SPLITS, groups)), axis=1)
    taus = []
    for split in order:
        one, other = (_pair_signs(merits[:, half].mean(axis=1)) for half in np.split(split, [groups // 2]))
        untied = np.count_nonzero(one) * np.count_nonzero(other)
        taus.append(np.einsum("ij,ij", one, other, dtype=np.int64) / np.sqrt(untied) if untied else 0.0)
    return float(np.mean(taus))


def _pair_signs(values: np.ndarray) -> np.ndarray:
    """Return (methods, methods), 1 or -1 for which of two is larger and 0 for a tie."""
    return (values[:, None] > values).astype(np.int8) - (values[:, None] < values).astype(np.int8)
