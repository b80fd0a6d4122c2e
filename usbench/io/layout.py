"""Which axes of an array are frames, rows, columns and channels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from usbench.io.grey import BT_601, weighted_grey

SIDE = 16  # pixels: axes shorter than this are no rows or columns if another reading has longer ones
LIT = 0.15  # of the largest value: darker pixels do not tell whether channels are colours
ALIKE = 0.03  # of the largest value: channels of a grey pixel differ by less


@dataclass(frozen=True)
class Layout:
    """How an array becomes a stack of planes, and back.

    Attributes
    ----------
    shape
        Of the array.
    axes
        The order of axes in which frames come first, then rows, columns and channels.
    channels
        The number of channels; 0 for none.
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    channels: int = 0

    def stack(self, values: np.ndarray) -> np.ndarray:
        """Return an array as (frames, rows, columns[, channels])."""
        turned = values.transpose(self.axes)
        return turned.reshape(-1, *turned.shape[-(3 if self.channels else 2) :])

    def array(self, stack: np.ndarray) -> np.ndarray:
        """Return a stack in the layout of the array."""
        turned = stack.reshape([self.shape[axis] for axis in self.axes])
        return turned.transpose(np.argsort(self.axes))


def frames_first(shape: tuple[int, ...]) -> Layout:
    """Return the layout of an array of Python: (..., rows, columns), or with 3 or 4 channels after them.

    (rows, columns, frames) is recognised where the other reading would make frames of fewer than 16 columns.
    """
    axes = tuple(range(len(shape)))
    if len(shape) >= 3 and shape[-1] in (3, 4) and min(shape[-3:-1]) > 4:
        return Layout(shape, axes, shape[-1])
    if len(shape) == 3 and min(shape[1:]) < SIDE <= min(shape[:2]):
        return Layout(shape, (2, 0, 1))
    return Layout(shape, axes)


def frames_last(shape: tuple[int, ...], values: Callable[[], np.ndarray]) -> Layout:
    """Return the layout of an array of MATLAB: (rows, columns, frames) or (rows, columns, 3, frames).

    Three channels are colours if most lit pixels are grey or of one tint; otherwise they are three frames.
    (frames, rows, columns) is recognised where the other reading would make frames of fewer than 16 rows.
    """
    if len(shape) == 3:
        if min(shape[:2]) < SIDE <= min(shape[1:]):
            return Layout(shape, (0, 1, 2))
        if shape[2] == 3 and are_colours(values()):
            return Layout(shape, (0, 1, 2), 3)
        return Layout(shape, (2, 0, 1))
    if len(shape) > 3 and shape[2] == 3:
        return Layout(shape, (*range(3, len(shape)), 0, 1, 2), 3)
    return Layout(shape, (*range(2, len(shape)), 0, 1))


def are_colours(values: np.ndarray) -> bool:
    """Return whether three channels (rows, columns, 3) are those of a picture and not three frames."""
    top = float(values.max(initial=0)) or 1.0
    channels = values.astype(np.float64) / top
    lit = channels[channels.max(axis=-1) > LIT]
    if not len(lit):
        return True
    grey = np.ptp(lit, axis=-1) < ALIKE
    if grey.mean() > 0.5:
        return True
    ratio = lit / np.maximum(weighted_grey(lit, BT_601), 1e-9)[:, None]
    return bool((np.abs(ratio - np.median(ratio, axis=0)).max(axis=-1) < 2 * ALIKE).mean() > 0.5)
