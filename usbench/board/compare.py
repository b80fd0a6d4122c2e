"""Two methods compared: which is better on which metric, by how much, and how certain that is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from usbench.board.holm import LEVEL, holm
from usbench.board.in_distribution import Seen, seen
from usbench.board.intervals import LEAST_GROUPS, mean_interval
from usbench.board.paired_tests import paired_test
from usbench.board.scores import Board, Scores, difference, group_means
from usbench.core.errors import UsageError
from usbench.core.metric import Metric

SHOWN = 3  # images in which each of the two gains most


@dataclass(frozen=True)
class Contrast:
    """Two methods on one metric of one board, on the images where both have a value.

    Attributes
    ----------
    dataset, split, metric
        Where the methods are compared.
    first, second
        Means.
    gain, low, high
        By how much the first method is better, as a mean over images with its 95 % t interval over groups;
        negative if it is worse. In the unit of the metric; where 1 is ideal it is how much nearer to 1.
    p
        Of `usbench.board.paired_tests.paired_test` on group means, corrected after Holm for all contrasts of the
        comparison; None with fewer than 4 groups.
    images, groups
        How many have a value of both.
    lost
        Images that one of the two lacks although some method has a value: they failed or were not run.
    wins
        Share of the groups in which the first is better; ties are half.
    apart
        (sample, first, second) of the images in which the first gains most, then of those in which the second does.
    seen
        What each of the two has seen of the data set in training or tuning.
    """

    dataset: str
    split: str
    metric: Metric
    first: float
    second: float
    gain: float
    low: float
    high: float
    p: float | None
    images: int
    groups: int
    lost: int
    wins: float
    apart: tuple[tuple[str, float, float], ...]
    seen: tuple[Seen, Seen]

    @property
    def winner(self) -> int | None:
        """0 if the first method is better, 1 if the second is, None if that is undecided at 5 %."""
        if self.p is None or self.p >= LEVEL or self.gain == 0 or np.isnan(self.gain):
            return None
        return 0 if self.gain > 0 else 1


def compare(boards: Iterable[Board], first: str, second: str, metrics: Sequence[str]) -> list[Contrast]:
    """Return the contrasts of two methods on every board that has both.

    Parameters
    ----------
    boards
        As `usbench.board.scores.boards` yields them.
    first, second
        Labels of the methods, as rows have them.
    metrics
        Names; those without values are left out.

    Raises
    ------
    UsageError
        If the methods are the same, or no board has values of both.
    """
    return [contrast for _, _, contrast in compare_pairs(boards, [(first, second)], metrics)]


def compare_pairs(
    boards: Iterable[Board], pairs: Sequence[tuple[str, str]], metrics: Sequence[str]
) -> list[tuple[str, str, Contrast]]:
    """Return (first, second, contrast) of pairs of methods, with p-values corrected over all of them; see `compare`.

    Pairs that no board has are left out.
    """
    found = []
    together = False
    boards = list(boards)
    for first, second in pairs:
        if first == second:
            raise UsageError(f"{first} cannot be compared with itself; name two methods.")
        for board in boards:
            one, other = (_place(board, name) for name in (first, second))
            if one is not None and other is not None:
                together = True
                measured = (board.scores[name] for name in metrics if name in board.scores)
                contrasts = (_contrast(board, scores, one, other) for scores in measured)
                found += [(first, second, contrast) for contrast in contrasts if contrast is not None]
    if not found:
        both = (
            " and ".join(pairs[0]) if len(pairs) == 1 else f"{pairs[0][1]} and another method" if pairs else "methods"
        )
        if together:
            needs = f"`usbench show {metrics[0]}` says what it needs"
            raise UsageError(f"No image of {both} has a value of {', '.join(metrics)}; {needs}.")
        asked = " ".join(f"-m {name}" for name in pairs[0]) if len(pairs) == 1 else "-m METHOD"
        raise UsageError(f"No data set has values of both {both}; `usbench run {asked}`.")
    tested = [contrast.p for _, _, contrast in found if contrast.p is not None]
    corrected = iter(holm(np.array(tested, float)).tolist())
    return [
        (first, second, contrast if contrast.p is None else replace(contrast, p=next(corrected)))
        for first, second, contrast in found
    ]


def _place(board: Board, label: str) -> int | None:
    """Return the place of a method among a board's settings; the one with its default parameters if there are two."""
    places = [place for place, setting in enumerate(board.settings) if setting.method == label]
    return min(places, key=lambda place: board.settings[place].tuning != "", default=None)


def _contrast(board: Board, scores: Scores, one: int, other: int) -> Contrast | None:
    """Return the contrast with its p-value not yet corrected; None if no image has values of both."""
    both = ~np.isnan(scores.values[[one, other]]).any(axis=0)
    if not both.any():
        return None
    values, samples = scores.values[[one, other]][:, both], board.samples[both]
    pair = Scores(scores.metric, values, np.full(2, both.sum()), np.zeros(2, int))
    groups = np.unique(board.groups[both], return_inverse=True)[1]
    gains = difference(*pair.merits())
    means = group_means(pair, groups)
    between = difference(means[:1], means[1:])
    low, high = mean_interval(gains, groups)
    order = np.argsort(gains, kind="stable")
    least, most = order[gains[order] < 0][:SHOWN], order[::-1][gains[order[::-1]] > 0][:SHOWN]
    first, second = pair.means().tolist()
    return Contrast(
        dataset=board.dataset,
        split=board.split,
        metric=scores.metric,
        first=first,
        second=second,
        gain=float(gains.mean()),
        low=low,
        high=high,
        p=float(paired_test(between)[0]) if between.shape[1] >= LEAST_GROUPS else None,
        images=len(samples),
        groups=between.shape[1],
        lost=int(scores.applies.sum()) - len(samples),
        wins=float(((between > 0) + 0.5 * (between == 0)).mean()),
        apart=tuple((str(samples[n]), float(values[0, n]), float(values[1, n])) for n in (*most, *least)),
        seen=(seen(board.settings[one], board.dataset), seen(board.settings[other], board.dataset)),
    )
