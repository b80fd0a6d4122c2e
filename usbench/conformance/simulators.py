"""The contract of a speckle simulator, as rules."""

from collections.abc import Sequence

import numpy as np

from usbench.conformance.cards import card_rule, declared_rule, training_rule
from usbench.conformance.findings import Rule, require
from usbench.conformance.trial import Trial, side_effect_rules
from usbench.core.rng import generator
from usbench.core.sample import Sample
from usbench.core.simulator import Insertion, Simulated, Simulator

SHAPES = ((16, 16), (17, 33), (64, 48))


def simulator_rules(simulator: Simulator, trial: Trial, datasets: Sequence[str] = ()) -> list[Rule]:
    """Return the rules of a simulator, in the order in which they are tested."""
    clean = _tissue() if isinstance(simulator, Insertion) else np.random.default_rng(0).rayleigh(0.32, SHAPES[-1])
    clean = np.clip(clean, 0.1, 0.9).astype(np.float32)

    def simulate(image: np.ndarray, seed: int = 0) -> Simulated:
        quiet = (
            "random",
            "numpy.random",
        )  # layers of networks draw from torch's before weights are loaded
        return trial.call(lambda: simulator.simulate(image, generator("check", seed)), generators=quiet)

    def valid() -> None:
        for shape in SHAPES:
            simulated = simulate(np.full(shape, 0.5, np.float32))
            require(isinstance(simulated, Simulated), f"it returned {type(simulated).__name__}, not Simulated")
            Sample("check", simulated.image, simulated.reference)
            require(simulated.image.shape == shape, f"shape {shape} came back as {simulated.image.shape}")

    def typed() -> None:
        simulated = simulate(clean)
        for part in ("image", "reference"):
            found = getattr(simulated, part).dtype
            require(found == np.float32, f"its {part} is {found} where float32 is expected")

    def seeded() -> None:
        first, same, other = (simulate(clean, n).image for n in (0, 0, 1))
        require(np.array_equal(first, same), "the same generator gave two different images")
        require(not np.array_equal(first, other), "different generators gave the same image")

    def stateless() -> None:
        before = simulate(clean).image
        simulate(1 - clean, 5)
        require(np.array_equal(simulate(clean).image, before), "its image changed after another image")

    def input_kept() -> None:
        image = clean.copy()
        simulate(image)
        require(np.array_equal(image, clean), "simulate overwrote its input")

    def strided() -> None:
        spread = np.repeat(np.repeat(clean, 2, 0), 3, 1)[::2, ::3]
        require(np.array_equal(simulate(spread).image, simulate(clean).image), "its image changed")

    def made_again() -> None:
        again = type(simulator).create(simulator.values())
        require(again == simulator, "its parameters do not make the same simulator again")
        require(again.label == simulator.label, f"it is {simulator.label} once and {again.label} again")

    return [
        card_rule("simulators", simulator),
        Rule("returns valid images of the same shape", valid, "Clip to [0, 1], and mind the axes."),
        Rule("returns float32", typed, "End with .astype(numpy.float32)."),
        Rule("draws only from the given generator", seeded, "Use rng for every random number."),
        Rule("keeps no state between images", stateless, "Keep no attributes or globals."),
        Rule("leaves its input unchanged", input_kept, "Work on a copy."),
        Rule("accepts strided images", strided, "Call numpy.ascontiguousarray before using memory."),
        Rule("can be made again from its parameters", made_again, "Make its parameters fields of the dataclass."),
        declared_rule(simulator),
        training_rule(simulator, datasets),
        *side_effect_rules(trial),
    ]


def _tissue() -> np.ndarray:
    """Return an image of grain that is wider than a pixel, with room for lesions."""
    from scipy.ndimage import gaussian_filter

    return 0.5 + 0.5 * gaussian_filter(np.random.default_rng(0).normal(size=(192, 160)), 1.5)
