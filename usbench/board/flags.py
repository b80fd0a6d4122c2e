"""Flags for methods that win a metric without despeckling, computed from the metrics themselves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from usbench.board.scores import Board, difference

SAME = {"psnr": 0.05, "ssim": 0.005, "epi_beta": 0.01}  # dB, 1, 1: an image that moves less was hardly touched
REMOVED = 0.02  # share of the speckle's variance
EDGES = 0.6  # of the input's figure of merit
GRADIENT = 1.0  # of the reference's: with more, edges are lost in what is left of the speckle, not in blur
CONTRAST = 0.5  # of the input's gCNR
WIDENED = 2.0  # times the input's edge width
SHIFT_DB = 3.0  # PSNR that a linear map of the grey scale gives back, beyond what it gives the input
SHIFT = 0.1  # of the mean of the ratio image from 1
STRUCTURE = 0.5  # correlation


@dataclass(frozen=True)
class Flag:
    """A warning and the rule that raises it.

    Attributes
    ----------
    letter, title, rule
        As the tables show and explain it.
    metrics
        On which it depends.
    raised
        Called with the board; returns (settings,), true where the flag is raised.
    """

    letter: str
    title: str
    rule: str
    metrics: tuple[str, ...]
    raised: Callable[[Board], np.ndarray]


def flags(board: Board) -> list[str]:
    """Return the flags of each setting of a board as letters, such as `OS`; empty for none.

    Settings are compared with the untouched input on the images that both have. Without that input, flags that need it
    are not raised.
    """
    raised = [(flag.letter, flag.raised(board)) for flag in FLAGS]
    return ["".join(letter for letter, found in raised if found[n]) for n in range(len(board.settings))]


def demoted(board: Board, raised: list[str]) -> np.ndarray:
    """Return (settings,), which are placed below all others: on real boards, the oversmoothed.

    Without a reference, contrast and speckle statistics alone favour the method that blurs most.
    """
    return np.array([board.kind == "real" and "O" in letters for letters in raised])


def legend() -> list[str]:
    """Return a sentence per flag, with its thresholds."""
    return [f"{flag.letter} ({flag.title}): {flag.rule}" for flag in FLAGS]


def _pass_through(board: Board) -> np.ndarray:
    if all(name in board.scores and board.scores[name].applies.any() for name in SAME):
        return np.logical_and.reduce([_largest_change(board, name) < limit for name, limit in SAME.items()])
    return _mean(board, "ratio_variance") < REMOVED


def _oversmoothed(board: Board) -> np.ndarray:
    grainy = _mean(board, "epi_ratio") >= GRADIENT
    return (
        ((_times_input(board, "fom") < EDGES) & ~grainy)
        | (_times_input(board, "gcnr") < CONTRAST)
        | (_times_input(board, "edge_width") > WIDENED)
    )


def _brightness(board: Board) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # infinite for an estimate that is the reference
        gap = _values(board, "psnr_affine") - _values(board, "psnr")
    if not np.isnan(gap).all():
        return _nanmean(gap - _input_row(board, gap)) > SHIFT_DB
    return np.abs(_mean(board, "ratio_mean") - 1) > SHIFT


def _structure(board: Board) -> np.ndarray:
    return _mean(board, "ratio_structure") > STRUCTURE


FLAGS = (
    Flag(
        "P",
        "pass-through",
        f"returns its input: on every image PSNR within {SAME['psnr']} dB, SSIM within {SAME['ssim']} and EPI (beta) "
        f"within {SAME['epi_beta']} of the untouched input's; without a reference, less than {REMOVED:.0%} of the "
        "speckle's variance is in the ratio image.",
        (*SAME, "ratio_variance"),
        _pass_through,
    ),
    Flag(
        "O",
        "oversmoothed",
        f"edges are gone: Pratt's figure of merit is below {EDGES} times the input's and there is no more gradient "
        f"than in the reference (epi_ratio below {GRADIENT:g}), or the gCNR is below {CONTRAST} times the input's, or "
        f"cysts' edges are more than {WIDENED:g} times as wide.",
        ("fom", "epi_ratio", "gcnr", "edge_width"),
        _oversmoothed,
    ),
    Flag(
        "B",
        "brightness-shifted",
        f"a linear map of grey would give back {SHIFT_DB:.0f} dB of PSNR more than it gives the input; without a "
        f"reference, the ratio image's mean is more than {SHIFT} from 1.",
        ("psnr_affine", "psnr", "ratio_mean"),
        _brightness,
    ),
    Flag(
        "S",
        "structure in the ratio image",
        f"what was taken away looks like the image: a correlation above {STRUCTURE} (ratio_structure).",
        ("ratio_structure",),
        _structure,
    ),
)


def _values(board: Board, name: str) -> np.ndarray:
    """Return (settings, samples) of a metric; NaN if the rows do not have it."""
    missing = np.full((len(board.settings), len(board.samples)), np.nan)
    return board.scores[name].values if name in board.scores else missing


def _input_row(board: Board, values: np.ndarray) -> np.ndarray:
    return np.full(values.shape[1], np.nan) if board.input is None else values[board.input]


def _mean(board: Board, name: str) -> np.ndarray:
    return _nanmean(_values(board, name))


def _largest_change(board: Board, name: str) -> np.ndarray:
    """Return the largest difference between each setting's values and the input's, over the images."""
    values = _values(board, name)
    changes = np.abs(difference(values, _input_row(board, values)))
    return np.where(np.isnan(changes).all(axis=1), np.nan, np.nan_to_num(changes, nan=0.0, posinf=np.inf).max(axis=1))


def _times_input(board: Board, name: str) -> np.ndarray:
    """Return each setting's mean divided by the input's, on the images that both have."""
    values = _values(board, name)
    untouched = _input_row(board, values)
    both = ~np.isnan(values) & ~np.isnan(untouched)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both, values, 0).sum(axis=1) / np.where(both, untouched, 0).sum(axis=1)


def _nanmean(values: np.ndarray) -> np.ndarray:
    counts = (~np.isnan(values)).sum(axis=1)
    return np.nansum(values, axis=1) / np.where(counts > 0, counts, np.nan)
