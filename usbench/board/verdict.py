"""A comparison of two methods in sentences."""

import math
from collections.abc import Sequence

from usbench.board.compare import Contrast
from usbench.board.holm import LEVEL
from usbench.core.formatting import significant


def verdict(contrasts: Sequence[Contrast], first: str, second: str) -> str:
    """Return the sentence on how often each method is better, and how often that is undecided."""
    winners = [contrast.winner for contrast in contrasts]
    firsts, seconds, undecided = winners.count(0), winners.count(1), winners.count(None)
    tests = sum(contrast.p is not None for contrast in contrasts)
    many = f"{len(contrasts)} comparison{'s' * (len(contrasts) != 1)}"
    groups = max(contrast.groups for contrast in contrasts)
    if 2.0 ** (1 - groups) * max(1, tests) >= LEVEL:
        return (
            f"None of {many} of {first} with {second} can be decided: {_groups(groups)} at most are too few for "
            f"{tests or 'any'} test{'s' * (tests != 1)}; run more images, or name fewer metrics or data sets."
        )
    return (
        f"{first} is better than {second} in {firsts} of {many} and worse in {seconds}; {undecided} "
        f"{'is' if undecided == 1 else 'are'} undecided (signed-rank test at 5 %, Holm over {tests})."
    )


def finding(contrast: Contrast, first: str, second: str) -> str:
    """Return the sentence on one contrast: which method is better, by how much, and how certain that is."""
    unit = f" {contrast.metric.unit}" if contrast.metric.unit else ""
    nearer = " (nearer to 1)" if contrast.metric.better == "one" else ""
    ahead, behind = (first, second) if contrast.gain >= 0 else (second, first)
    ends = (contrast.low, contrast.high) if contrast.gain >= 0 else (-contrast.high, -contrast.low)
    size = f"{significant(abs(contrast.gain))}{unit} of {contrast.metric.name}{nearer}"
    if not math.isnan(contrast.low):
        size += f" [{significant(ends[0])}, {significant(ends[1])}]"
    where = f"On {contrast.dataset} ({contrast.images} images, {_groups(contrast.groups)})"
    if contrast.p is None:
        return f"{where} {ahead} is ahead of {behind} by {size}, which too few groups can neither confirm nor deny."
    if contrast.winner is None:
        return (
            f"{where} {first} and {second} cannot be told apart: {ahead} is ahead by {size}, p = {p_value(contrast)}."
        )
    return f"{where} {ahead} is better than {behind} by {size}, p = {p_value(contrast)}."


def p_value(contrast: Contrast) -> str:
    """Return the corrected p-value in two digits, or a dash if the contrast was not tested."""
    if contrast.p is None:
        return "–"
    return "< 0.001" if contrast.p < 0.001 else f"{contrast.p:.2g}"


def _groups(count: int) -> str:
    return f"{count} group{'s' * (count != 1)}"
