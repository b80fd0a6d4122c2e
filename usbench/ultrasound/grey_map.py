"""Tinted grey maps of scanners: sepia, blue, pink and the like, in which each grey level has one colour."""

from dataclasses import dataclass

import numpy as np

from usbench.ultrasound.scan_area import COLOURED

LIT = 0.2  # of the brightest channel: darker pixels are too near to grey to tell
TINT = 0.05  # of a pixel's brightest channel: a difference of channels that is a colour
MOST = 0.6  # of the lit pixels are tinted
ON_THE_MAP = 0.9  # of the lit pixels have the colour of their level
SAMPLE = 200_000  # pixels by which a map is found
WEIGHTS = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
LEVELS = 256
DARK = 26  # levels below have too few steps for a hue


@dataclass(frozen=True)
class GreyMap:
    """A colour for each level of luminance.

    Attributes
    ----------
    colours
        (256, 3) in [0, 1] by luminance, every channel rising.
    white
        The luminance that stands for the largest grey.
    """

    colours: np.ndarray
    white: float

    def grey(self, channels: np.ndarray) -> np.ndarray:
        """Return the grey (axial, lateral) in [0, 1] of colours (axial, lateral, 3)."""
        return np.clip(channels @ WEIGHTS / self.white, 0, 1)

    def colour(self, grey: np.ndarray) -> np.ndarray:
        """Return the colours (axial, lateral, 3) of grey (axial, lateral)."""
        levels = np.clip(np.asarray(grey, np.float64) * self.white * (LEVELS - 1), 0, LEVELS - 1)
        return np.stack([np.interp(levels, np.arange(LEVELS), channel) for channel in self.colours.T], axis=-1)

    def holds(self, channels: np.ndarray) -> np.ndarray:
        """Return the mask of pixels that have the colour of their level; all others are drawings or Doppler."""
        return np.abs(channels - self.colour(self.grey(channels))).max(axis=-1) <= COLOURED


PLAIN = GreyMap(np.repeat(np.linspace(0, 1, LEVELS)[:, None], 3, axis=1), 1.0)


def find_grey_map(channels: np.ndarray) -> GreyMap:
    """Return the tinted map of a picture, or `PLAIN` if it is grey with or without coloured parts.

    A map is found if most lit pixels are tinted, and nine in ten have the median colour of their level of luminance,
    whose channels all rise with it. Colour Doppler has no such map: it has several colours of one luminance.

    Parameters
    ----------
    channels
        (axial, lateral, 3) in [0, 1].
    """
    pixels = channels.reshape(-1, 3)
    pixels = pixels[:: max(1, len(pixels) // SAMPLE)]
    brightest = pixels.max(axis=1)
    lit = brightest > LIT
    if lit.sum() < LEVELS or (np.ptp(pixels[lit], axis=1) > TINT * brightest[lit]).mean() < MOST:
        return PLAIN
    found = _median_map(pixels)
    return found if found.holds(pixels[lit][:, None]).mean() >= ON_THE_MAP else PLAIN


def _median_map(pixels: np.ndarray) -> GreyMap:
    known = _connected(_medians(pixels))
    top, brightest = max(known), known[max(known)]
    beyond = np.arange(top + 1, LEVELS)  # brighter levels have the hue of the brightest that is seen
    at = [0, *sorted(known), *beyond]
    seen = [np.zeros(3), *(known[level] for level in sorted(known)), *_towards(brightest, top, beyond)]
    colours = np.stack([np.interp(np.arange(LEVELS), at, channel) for channel in np.transpose(seen)], axis=1)
    return GreyMap(np.maximum.accumulate(colours, axis=0), float(min(1, top / (LEVELS - 1) / brightest.max())))


def _medians(pixels: np.ndarray) -> dict[int, np.ndarray]:
    """Return the median colour of each level of luminance that three pixels have, and the most frequent level first."""
    levels = np.round(pixels @ WEIGHTS * (LEVELS - 1)).astype(int)
    order = np.argsort(levels, kind="stable")
    starts = np.searchsorted(levels[order], np.arange(LEVELS + 1))
    counts = np.diff(starts)
    found = {n: np.median(pixels[order[starts[n] : starts[n + 1]]], axis=0) for n in range(1, LEVELS) if counts[n] >= 3}
    usual = max((n for n in found if n > DARK), key=lambda n: counts[n], default=max(found))
    return {usual: found[usual]} | found


def _connected(medians: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Return the levels that lead from the first one up and down without a jump of hue; others are of drawings."""
    start = next(iter(medians))
    known = {start: medians[start]}
    for levels in (sorted(n for n in medians if n > start), sorted((n for n in medians if n < start), reverse=True)):
        last = start
        for level in levels:
            if np.abs(medians[level] - _towards(known[last], last, np.array([level]))[0]).max() <= COLOURED:
                known[level] = medians[level]
                last = level
    return known


def _towards(colour: np.ndarray, level: int, levels: np.ndarray) -> np.ndarray:
    """Return a colour of one level at other levels of the same hue."""
    return np.minimum(colour * levels[:, None] / level, 1)
