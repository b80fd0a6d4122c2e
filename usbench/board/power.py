"""How many groups a board needs for a lead to be found."""

from collections.abc import Sequence

import numpy as np

from usbench.board.holm import LEVEL

QUANTILES = 20_000  # of the chi-square distribution that the probability is averaged over


def power(groups: int, lead: float, spread: float, methods: int) -> float:
    """Return the probability that the t test tells the best method apart from a given other one.

    It is that of the first step of `holm_against_best`, whose factor is methods (methods - 1) / 2. Later steps have
    smaller factors, so the probability on a board is at least this.

    Parameters
    ----------
    groups
        Groups of the board, 2 or more.
    lead
        True difference of the two means, in the unit of the metric.
    spread
        Standard deviation over groups of the difference between the two methods, in the same unit.
    methods
        Methods that compete, the best included.

    References
    ----------
    Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition, 1988, section 2.3.
    """
    from scipy.special import chdtri, ndtr, stdtrit

    freedom = groups - 1
    critical = -stdtrit(freedom, LEVEL / (methods * (methods - 1) / 2) / 2)
    centre = lead / spread * np.sqrt(groups)
    deviations = np.sqrt(chdtri(freedom, (np.arange(QUANTILES) + 0.5) / QUANTILES) / freedom)
    return float((ndtr(centre - critical * deviations) + ndtr(-centre - critical * deviations)).mean())


def power_table(
    groups: Sequence[int], spreads: Sequence[float], *, lead: float = 0.2, methods: int = 60
) -> list[tuple[int, tuple[float, ...]]]:
    """Return a line per number of groups with the probabilities of `power`, one for each spread."""
    return [(count, tuple(power(count, lead, spread, methods) for spread in spreads)) for count in groups]
