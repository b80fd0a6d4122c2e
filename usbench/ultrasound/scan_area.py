"""The scan and the burnt-in graphics of a picture, as masks."""

import numpy as np

BLACK = 1.5 / 255  # grey up to 1 of 255 is border: JPEG leaves ones in it
DEAD = 15  # pixels: a square this large without any signal is border, box or nothing at all
COLOURED = 24 / 255  # a difference of channels that no grey picture has after JPEG
STROKE = 5  # pixels: text and calipers are drawn in thinner lines
STEP = 0.35  # of the grey range, from one pixel to the next across the beam
STEPS = 3  # pixels of such a step on either side that make a drawing
LARGE = 2**22  # pixels: larger images are searched in parts, and for the scan at lower resolution, to save memory
MARGIN = 64  # pixels; by which parts overlap
USUAL_HOLES = 0.002  # share of the pixels off the drawings that may be a dark hole with such a side


def scan_area(image: np.ndarray, without: np.ndarray | None = None) -> np.ndarray:
    """Return the mask of the scan.

    It is the convex hull of the largest area that is not black, without the dead areas in it: squares of 15 pixels or
    more without any signal, such as boxes over a patient's name and the area above a curved transducer. Sectors and
    rectangles are convex, so anechoic tissue at the border is kept as long as it shows some noise and does not fill a
    corner.

    Parameters
    ----------
    image
        (axial, lateral) in [0, 1].
    without
        Mask of pixels that are taken for black.
    """
    from scipy.ndimage import label, maximum_filter, minimum_filter

    if image.size > LARGE:
        factor = int(np.ceil(np.sqrt(image.size / LARGE)))
        coarse = scan_area(_brightest(image, without, factor))
        return coarse.repeat(factor, axis=0)[: image.shape[0]].repeat(factor, axis=1)[:, : image.shape[1]]
    image = image if without is None else np.where(without, 0, image)
    lit = image > BLACK
    if min(image.shape) < DEAD or not lit.any():
        return lit
    joined = minimum_filter(maximum_filter(lit, 7), 11, mode="nearest")  # gaps closed, then thin drawings taken off
    parts, count = label(joined)
    if not count:
        return lit
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    hull = _hull(maximum_filter(largest, 5))
    dead = maximum_filter(minimum_filter(image <= 0, DEAD, mode="nearest"), DEAD)
    return hull & ~dead


def graphics(image: np.ndarray, colour: np.ndarray | None = None) -> np.ndarray:
    """Return the mask of burnt-in graphics: coloured pixels, and thin bright strokes with sharp sides.

    A stroke is at most 5 pixels wide and jumps by 0.35 of the grey range from one pixel to the next across the beam, on
    its left and on its right. The point-spread function is wider than that across the beam: in 63 images of muscle and
    nerves fewer than one pixel of tissue in 100,000 does so, while along the beam 1 in 500 does. Where thin dark holes
    have such sides too, as in speckle that is independent from pixel to pixel, strokes cannot be told from speckle, and
    none is found. The mask is dilated by 2 pixels to include the edges.

    Parameters
    ----------
    image
        (axial, lateral) in [0, 1].
    colour
        (axial, lateral, 3) in [0, 1] if the picture is in colour.
    """
    from scipy.ndimage import maximum_filter

    found = np.zeros(image.shape, bool)
    if colour is not None:
        found |= np.ptp(colour[..., :3], axis=-1) > COLOURED
    if min(image.shape) > STROKE + 2:
        height = len(image) if image.size <= LARGE else max(2 * MARGIN, LARGE // image.shape[1])
        for top in range(0, len(image), height):
            start = max(0, top - MARGIN)
            found[top : top + height] |= _strokes(image[start : top + height + MARGIN])[top - start :][:height]
    return maximum_filter(found, 5) if found.any() else found


def _strokes(image: np.ndarray) -> np.ndarray:
    from scipy.ndimage import grey_closing, grey_opening, label, maximum_filter

    thin = image - grey_opening(image, size=(STROKE + 1, STROKE + 1)) > STEP - 0.05
    jump = np.diff(image, axis=1)
    strokes, count = label(thin, structure=np.ones((3, 3), int))
    left = np.bincount(strokes[:, 1:][(jump > STEP)], minlength=count + 1)
    right = np.bincount(strokes[:, :-1][(jump < -STEP)], minlength=count + 1)
    drawn = (left >= STEPS) & (right >= STEPS)
    drawn[0] = False
    off = ~maximum_filter(drawn[strokes], 5)[:, 1:]
    holes = (grey_closing(image, size=(STROKE + 1, STROKE + 1)) - image)[:, 1:] > STEP - 0.05
    if np.count_nonzero(holes & off & (jump < -STEP)) > USUAL_HOLES * off.sum():
        return np.zeros(image.shape, bool)
    return drawn[strokes]


def _brightest(image: np.ndarray, without: np.ndarray | None, factor: int) -> np.ndarray:
    """Return the largest value in each square of `factor` x `factor` pixels."""
    made = []
    for top in range(0, image.shape[0], factor):
        band = image[top : top + factor]
        row = (band if without is None else np.where(without[top : top + factor], 0, band)).max(axis=0)
        made.append(np.maximum.reduceat(row, np.arange(0, image.shape[1], factor)))
    return np.stack(made)


def usable_area(image: np.ndarray, colour: np.ndarray | None = None) -> np.ndarray:
    """Return the mask of the scan without burnt-in graphics, where regions of interest may be."""
    return scan_area(image) & ~graphics(image, colour)


def _hull(mask: np.ndarray) -> np.ndarray:
    """Return the convex hull of a mask, computed from the ends of its rows."""
    from scipy.spatial import ConvexHull, QhullError

    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    ends = np.concatenate([np.stack([rows, first], 1), np.stack([rows, last], 1)])
    try:
        corners = ends[ConvexHull(ends).vertices]
    except QhullError:  # all in one line
        return mask
    left, right = np.full(mask.shape[0], np.inf), np.full(mask.shape[0], -np.inf)
    for (row, column), (next_row, next_column) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if row == next_row:
            continue  # its ends are on the edges beside it
        between = np.arange(min(row, next_row), max(row, next_row) + 1)
        edge = column + (between - row) / (next_row - row) * (next_column - column)
        left[between], right[between] = np.minimum(left[between], edge), np.maximum(right[between], edge)
    columns = np.arange(mask.shape[1])
    return (columns >= np.ceil(left)[:, None]) & (columns <= np.floor(right)[:, None])
