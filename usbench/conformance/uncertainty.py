"""Rules of `uncertainty`, the optional part of a method's contract; none for methods without it."""

from typing import TYPE_CHECKING

import numpy as np

from usbench.conformance.findings import Rule, require
from usbench.conformance.trial import Trial
from usbench.core.method import Method
from usbench.core.uncertainty import Uncertain, fault

if TYPE_CHECKING:
    import torch

SHAPES = ((48, 40), (1, 1), (17, 33))
REPEATS_TO = 1e-5  # of the grey range, as for results


def uncertainty_rules(method: Method, trial: Trial) -> list[Rule]:
    """Return the rules of `uncertainty(image)` for a prepared method."""
    if not isinstance(method, Uncertain):
        return []

    def deviation(image: "torch.Tensor") -> "torch.Tensor":
        return trial.call(lambda: method.uncertainty(image), images=len(image))

    def well_formed() -> None:
        require(method.card.domain == "display", "its uncertainty is not used, since it works on envelopes")
        for shape in SHAPES:
            image = _speckle(2, *shape)
            reason = fault(deviation(image), image)
            require(not reason, f"its uncertainty {reason}")

    def repeatable() -> None:
        import torch

        image = _speckle(1, *SHAPES[0])
        before = image.clone()
        apart = float((deviation(image) - deviation(image)).abs().max())
        require(apart <= REPEATS_TO, f"the same image gave two uncertainties, {apart:.2g} apart")
        require(bool(torch.equal(image, before)), "uncertainty overwrote its input")

    return [
        Rule(
            "returns its uncertainty as a standard deviation",
            well_formed,
            "Return float32 of 0 or more, (B, 1, H, W) for (B, 1, H, W), in units of the grey range.",
        ),
        Rule("returns the same uncertainty twice", repeatable, "Fix the seed of its own generator at each call."),
    ]


def _speckle(count: int, height: int, width: int) -> "torch.Tensor":
    import torch

    rng = np.random.default_rng(0)
    return torch.from_numpy(np.clip(0.4 * rng.rayleigh(0.8, (count, 1, height, width)), 0, 1).astype(np.float32))
