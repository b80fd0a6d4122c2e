"""The contract of a metric, as rules."""

import math

import numpy as np

from usbench.conformance.cards import card_rule
from usbench.conformance.findings import NotApplicable, Rule, Suspicion, require
from usbench.conformance.trial import Trial, side_effect_rules
from usbench.core.lesions import CONTRASTS_DB, SIZES, InsertedLesions, Lesion
from usbench.core.metric import Metric
from usbench.core.sample import Rois, Sample

SHAPE = (192, 176)  # large enough for multi-scale metrics


def metric_rules(metric: Metric, trial: Trial) -> list[Rule]:
    """Return the rules of a metric, in the order in which they are tested."""
    rng = np.random.default_rng(0)
    sample = _sample(rng)
    estimate = rng.uniform(0.2, 0.8, SHAPE)

    def value(of: np.ndarray) -> float:
        if reason := metric.missing(sample):
            raise NotApplicable(reason)
        answer = np.clip(of + (0.7 * sample.lesions.offset if sample.lesions else 0.0), 0, 1)
        return trial.call(lambda: metric(of, sample, answer))

    def finite() -> str:
        found = value(estimate)
        require(math.isfinite(found), f"two random images gave {found}")
        return f"{found:.4g} for random images"

    def repeatable() -> None:
        first = value(estimate)
        value(1 - estimate)
        require(value(estimate) == first, "the same images gave two values")

    def input_kept() -> None:
        given = estimate.copy()
        images = sample.image.copy(), np.array(sample.reference)
        value(given)
        require(np.array_equal(given, estimate), "it overwrote the estimate")
        same = np.array_equal(sample.image, images[0]) and np.array_equal(np.array(sample.reference), images[1])
        require(same, "it overwrote the sample's images")

    def strided() -> None:
        spread = np.repeat(np.repeat(estimate, 2, 0), 3, 1)[::2, ::3]
        first, second = value(estimate), value(spread)
        require(math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12), f"{first} became {second}")

    def right_way() -> str:
        if "reference" not in metric.needs or metric.better == "one":
            raise NotApplicable("it does not compare with a reference")
        perfect, noisy = value(np.array(sample.reference, np.float64)), value(estimate)
        better = perfect > noisy if metric.better == "higher" else perfect < noisy
        if not better:
            raise Suspicion(f"looks reversed: the reference itself gives {perfect:.4g} and noise {noisy:.4g}")
        return f"{perfect:.4g} for the reference itself, {noisy:.4g} for noise"

    return [
        card_rule("metrics", metric),
        Rule("is a finite number", finite, "Look for a division by 0 or a logarithm of 0.", True),
        Rule("gives the same number twice", repeatable, "Keep nothing between calls, and fix seeds."),
        Rule("leaves its input unchanged", input_kept, "Work on a copy."),
        Rule("accepts strided images", strided, "Call numpy.ascontiguousarray before using memory."),
        Rule("prefers the reference to noise", right_way, "Check `better`: higher, lower or one."),
        *side_effect_rules(trial),
    ]


def _sample(rng: np.random.Generator) -> Sample:
    image = rng.uniform(0.2, 0.8, SHAPE).astype(np.float32)
    left = np.zeros(SHAPE, bool)
    left[8:40, 4:20] = True
    rois = Rois({"left": left, "right": left[:, ::-1]}, (("left", "right"),), ("left", "right"), ((20, 24),))
    reference = np.clip(image + 0.05, 0, 1)
    return Sample("check", image, reference, rois, dynamic_range_db=60.0, lesions=_lesions(image))


def _lesions(image: np.ndarray) -> InsertedLesions:
    """Return lesions of all contrasts and sizes for an image of noise."""
    places = [(row, column) for row in range(24, 180, 44) for column in range(22, 170, 42)]
    kinds = [(contrast, size) for contrast in CONTRASTS_DB for size in SIZES]
    lesions = tuple(
        Lesion(row, column, size + 1.0, size + 1.0, 0.0, float(contrast), size, 0.8)
        for (row, column), (contrast, size) in zip(places, kinds, strict=True)
    )
    changed = image.astype(np.float64)
    for lesion in lesions:
        changed[lesion.window(SHAPE)] += lesion.contrast_db / 60 * lesion.profile(SHAPE)
    shown = np.clip(changed, 0, 1).astype(np.float32)
    return InsertedLesions(shown, lesions, image, ((40, 40, 32), (100, 100, 32)), 2.0, 60.0)
