"""Common parameters of the filters of Lee, Kuan, Frost and Lopes, and the statistics of Rayleigh speckle."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from usbench.core.search_space import Real, Whole, over

from .stack import StackMethod
from .window import OddSize

RAYLEIGH_CV = 0.5227  # sqrt(4 / pi - 1): deviation over mean of a Rayleigh envelope
RAYLEIGH_LOOKS = 3.66  # (mean / deviation)^2 of a Rayleigh envelope
RAYLEIGH_CMAX = 1.2435  # sqrt(1 + 2 / L) with these looks


@dataclass(frozen=True)
class WindowFilter(StackMethod):
    """Base of filters that adapt to the envelope in a square window, borders mirrored.

    Parameters
    ----------
    size
        Height and width of the window in pixels, odd; 5 or 7 are usual.
    """

    size: OddSize = 7


@dataclass(frozen=True)
class SpeckleFilter(WindowFilter):
    r"""Base of filters that compare the variation in the window with that of multiplicative speckle of mean 1.

    Parameters
    ----------
    cu
        Coefficient of variation :math:`C_u` of the speckle: :math:`1 / \sqrt L` for L looks, 0.5227 for a Rayleigh
        envelope.
    """

    space = over(size=Whole(3, 11, step=2), cu=Real(0.1, 1.5, log=True))

    cu: Annotated[float, Field(gt=0, le=2)] = RAYLEIGH_CV


@dataclass(frozen=True)
class HeterogeneityFilter(SpeckleFilter):
    r"""Base of the enhanced filters of Lopes, which smooth fully up to `cu` and not at all from `cmax` on.

    Parameters
    ----------
    cmax
        Coefficient of variation from which a pixel is kept: :math:`\sqrt{1 + 2 / L}`.
    damping
        :math:`K`; 1 in the paper.
    """

    space = over(
        size=Whole(3, 11, step=2),
        cu=Real(0.1, 1, log=True),
        cmax=Real(1, 3, log=True),
        damping=Real(0.1, 10, log=True),
    )

    cmax: Annotated[float, Field(gt=0, le=10)] = RAYLEIGH_CMAX
    damping: Annotated[float, Field(ge=0, le=100)] = 1.0
