"""`D` on the training budget of the deep baselines."""

from dataclasses import dataclass
from typing import ClassVar

from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .baseline_sets import BUDGET
from .gan_d import GanD
from .paper import CITATION, DOI


@dataclass(frozen=True)
class GanDShort(GanD):
    """`gan-d` with the training time of the deep baselines: 45 minutes of one core.

    A baseline that is worse than `gan-d` but not than this method lacks training, not capacity.

    References
    ----------
    As for `gan-d`.
    """

    name = "gan-d-short"
    card = TrainedCard(
        MethodCard,
        title="GAN despeckler D, short training",
        family="deep, GAN",
        citation=CITATION,
        doi=DOI,
        note="gan-d on the budget of the deep baselines, to be compared with them.",
    )
    core_seconds: ClassVar[float | None] = BUDGET
