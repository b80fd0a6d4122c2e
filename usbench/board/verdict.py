"""A comparison of two methods in sentences."""

import math
from collections.abc import Sequence

from usbench.board.compare import Contrast
from usbench.board.in_distribution import SIMULATOR, SOURCE
from usbench.board.paired_tests import decidable, name_of_test
from usbench.board.wording import groups_text
from usbench.core.formatting import significant


def verdict(contrasts: Sequence[Contrast], first: str, second: str) -> str:
    """Return the sentences on how often each method is better, and how often that is undecided.

    Contrasts on data sets that one of the two was trained on are not counted.
    """
    fair = [contrast for contrast in contrasts if not any(contrast.seen)]
    sentences = [_counted(contrasts, fair, first, second)] if fair else []
    if marked := len(contrasts) - len(fair):
        many = f"{marked} more comparison{'s' * (marked != 1)}" if fair else f"{marked} of {marked} comparisons"
        verb = "is" if marked == 1 and fair else "are"
        sentences += [f"{many} {verb} in distribution for one of the two ({SOURCE}, {SIMULATOR}) and not counted."]
    return " ".join(sentences)


def _counted(contrasts: Sequence[Contrast], fair: Sequence[Contrast], first: str, second: str) -> str:
    winners = [contrast.winner for contrast in fair]
    firsts, seconds, undecided = winners.count(0), winners.count(1), winners.count(None)
    tested = [contrast for contrast in contrasts if contrast.p is not None]
    many = f"{len(fair)} comparison{'s' * (len(fair) != 1)}"
    groups = max(contrast.groups for contrast in fair)
    if not any(decidable(contrast.groups, max(1, len(tested))) for contrast in fair):
        return (
            f"None of {many} of {first} with {second} can be decided: {groups_text(groups)} at most "
            f"{'is' if groups == 1 else 'are'} too few for {len(tested) or 'any'} test{'s' * (len(tested) != 1)}; run "
            "more images, or name fewer metrics or data sets."
        )
    tests = " and ".join(dict.fromkeys(name_of_test(contrast.groups) for contrast in tested))
    return (
        f"{first} is better than {second} in {firsts} of {many} and worse in {seconds}; {undecided} "
        f"{'is' if undecided == 1 else 'are'} undecided ({tests} at 5 %, Holm over {len(tested)})."
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
    where = f"On {contrast.dataset} ({contrast.images} images, {groups_text(contrast.groups)})"
    known = [f"{name} was {seen.words}" for name, seen in zip((first, second), contrast.seen, strict=True) if seen]
    if known:
        where = f"In distribution ({'; '.join(known)}): {where[0].lower()}{where[1:]}"
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
