"""Regions of interest by rule: from masks of structures, or from the input image if a set has no masks.

The rules use the input only, so the regions are the same for all methods. None chooses the window of least variance,
where statistics would be biased. Sizes are relative to the structure or the image, not in pixels.
"""

from collections.abc import Mapping

import numpy as np

from usbench.core.sample import Rois

LEAST_PIXELS = 80  # smaller regions are left out
RING = (12, 60)  # range of the width of a ring in pixels
MARGIN = 4  # pixels between a region and the scan's edge, and between a structure and its ring
CELLS = 4  # structure in a window is measured by the means of 4 x 4 cells
DEPTHS = (0.08, 0.85)  # of the scan's rows: windows avoid the transducer and the noise at the bottom


def structure_rois(
    image: np.ndarray,
    usable: np.ndarray,
    structures: Mapping[str, np.ndarray],
    *,
    shrink: float = 0.15,
    inside: str = "",
) -> Rois:
    """Return a core and a background for each structure, and one homogeneous window.

    Parameters
    ----------
    image
        (axial, lateral) in [0, 1].
    usable
        Mask of where regions may be: the scan without burnt-in graphics.
    structures
        Masks by name; they may overlap.
    shrink
        The core is the structure eroded by this fraction of the radius of a disk of its area, at least 2 pixels, to
        exclude the border and inaccuracies of the drawing.
    inside
        Name of the structure with the homogeneous window; if empty, the window is outside all structures.

    Returns
    -------
    Rois
        `NAME` is the core. `NAME_background` is the ring around it, 0.6 of that radius wide (12 to 60 pixels) and in
        the rows of the core only, so that depth, gain and attenuation are the same in both. It excludes other
        structures. `homogeneous` is the window of `homogeneous_window`.
    """
    from scipy.ndimage import maximum_filter

    usable = _well_inside(usable)
    masks: dict[str, np.ndarray] = {}
    pairs = []
    anything = np.zeros(image.shape, bool)
    for mask in structures.values():
        anything |= mask
    near = maximum_filter(anything, 2 * MARGIN + 1)
    for name, mask in structures.items():
        core, ring = _core_and_ring(mask, usable, near, shrink)
        if core.sum() < LEAST_PIXELS:
            continue
        masks[name] = core
        if ring.sum() >= LEAST_PIXELS:
            masks[f"{name}_background"] = ring
            pairs.append((name, f"{name}_background"))
    area = masks.get(inside, np.zeros(image.shape, bool)) if inside else usable & ~near
    window = homogeneous_window(image, area)
    if window is not None:
        masks["homogeneous"] = window
    return Rois(masks, tuple(pairs), ("homogeneous",) if window is not None else ())


def window_rois(image: np.ndarray, usable: np.ndarray) -> Rois:
    """Return regions of an image without masks: a bright and a dark window at one depth, and a homogeneous one.

    `bright` and `dark` are the two windows in the same rows whose means differ most.
    """
    usable = _well_inside(usable)
    masks: dict[str, np.ndarray] = {}
    pair = _bright_and_dark(image, usable)
    if pair:
        masks["bright"], masks["dark"] = pair
    window = homogeneous_window(image, usable)
    if window is not None:
        masks["homogeneous"] = window
    return Rois(masks, (("bright", "dark"),) if pair else (), ("homogeneous",) if window is not None else ())


def homogeneous_window(image: np.ndarray, area: np.ndarray) -> np.ndarray | None:
    """Return the square window in an area with the least structure; None if no window fits.

    The structure in a window is the coefficient of variation of the means of its 4 x 4 cells. Cells are larger than a
    speckle, so it depends little on the speckle's own variance: on pure speckle, the standard deviation in this window
    is 3 % below that of all windows, where that of the least variable of 49 windows is 10 % below. Windows are left out
    if they are clipped (more than 2 % black or white), darker or brighter than the middle 60 % of the area, or in its
    top 8 % or bottom 15 %.
    """
    side = _window_side(image.shape)
    found = _windows(image, area, side)
    if found is None:
        return None
    rows, columns, means, structure = found
    low, high = np.quantile(means, (0.2, 0.8))
    structure = np.where((means >= low) & (means <= high), structure, np.inf)
    best = int(np.argmin(structure))
    return _square(image.shape, rows[best], columns[best], side)


def quiet_windows(image: np.ndarray, area: np.ndarray, most: int = 12) -> list[tuple[int, int, int]]:
    """Return (row, column, side) of square windows with little structure in an area, the flattest first.

    They do not overlap. Structure is measured as in `homogeneous_window`. Clipped windows and the darkest fifth are
    left out; the flatter half of the others is used.
    """
    side = _window_side(image.shape)
    found = _windows(image, _well_inside(area), side)
    if found is None:
        return []
    rows, columns, means, structure = found
    structure = np.where(means >= np.quantile(means, 0.2), structure, np.inf)
    chosen: list[tuple[int, int, int]] = []
    for number in np.argsort(structure, kind="stable")[: max(1, len(rows) // 2)]:
        row, column = int(rows[number]), int(columns[number])
        apart = all(max(abs(row - other[0]), abs(column - other[1])) >= side for other in chosen)
        if apart and np.isfinite(structure[number]) and len(chosen) < most:
            chosen.append((row, column, side))
    return chosen


def _well_inside(area: np.ndarray) -> np.ndarray:
    from scipy.ndimage import minimum_filter

    return minimum_filter(area, 2 * MARGIN + 1, mode="constant", cval=0)


def _core_and_ring(
    mask: np.ndarray, usable: np.ndarray, near: np.ndarray, shrink: float
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.ndimage import distance_transform_edt, find_objects, label

    core, ring = np.zeros(mask.shape, bool), np.zeros(mask.shape, bool)
    parts, _ = label(mask)
    for number, box in enumerate(find_objects(parts), start=1):
        area = int((parts[box] == number).sum())
        if area < LEAST_PIXELS:
            continue
        radius = np.sqrt(area / np.pi)
        reach = MARGIN + int(np.clip(0.6 * radius, *RING))
        around = tuple(slice(max(0, side.start - reach - 1), side.stop + reach + 1) for side in box)
        part = parts[around] == number
        inner = (distance_transform_edt(np.pad(part, 1))[1:-1, 1:-1] > max(2.0, shrink * radius)) & usable[around]
        if not inner.any():
            continue
        distance = distance_transform_edt(~part)
        outer = (distance > MARGIN) & (distance <= reach) & usable[around] & ~near[around]
        rows = np.flatnonzero(inner.any(axis=1))
        outer[: rows[0]] = outer[rows[-1] + 1 :] = False
        core[around] |= inner
        ring[around] |= outer
    return core, ring


def _window_side(shape: tuple[int, ...]) -> int:
    """Return the side of a window: a tenth of the image's shorter side, between 24 and 64, in whole cells."""
    return CELLS * int(np.clip(min(shape) / 10 / CELLS, 6, 16))


def _windows(
    image: np.ndarray, area: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """Return row, column, mean and structure of all admissible windows on a grid of half a window's side."""
    if not area.any() or min(image.shape) < side:
        return None
    cell = side // CELLS
    sums = [_sums(plane) for plane in (area, (image <= 0) | (image >= 1), image)]
    rows_used = np.flatnonzero(area.any(axis=1))
    first, last = (rows_used[0] + part * np.ptp(rows_used) for part in DEPTHS)
    grid = np.meshgrid(
        np.arange(0, image.shape[0] - side + 1, cell), np.arange(0, image.shape[1] - side + 1, cell), indexing="ij"
    )
    rows, columns = (axis.ravel() for axis in grid)
    inside = (_boxes(sums[0], rows, columns, side) == side * side) & (rows >= first) & (rows + side <= last)
    inside &= _boxes(sums[1], rows, columns, side) <= 0.02 * side * side
    rows, columns = rows[inside], columns[inside]
    if not rows.size:
        return None
    steps = cell * np.arange(CELLS)
    cells = np.stack([_boxes(sums[2], rows + down, columns + right, cell) for down in steps for right in steps])
    means = cells.mean(axis=0) / cell**2
    return rows, columns, means, cells.std(axis=0) / cell**2 / np.maximum(means, 1e-6)


def _bright_and_dark(image: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    side = _window_side(image.shape)
    found = _windows(image, usable, side)
    if found is None:
        return None
    rows, columns, means, _ = found
    best: tuple[float, int, int] = (0.0, 0, 0)
    for row in np.unique(rows):
        band = np.flatnonzero(rows == row)
        dark, bright = band[np.argmin(means[band])], band[np.argmax(means[band])]
        if means[bright] - means[dark] > best[0] and abs(columns[bright] - columns[dark]) >= side:
            best = (means[bright] - means[dark], bright, dark)
    if not best[0]:
        return None
    first, second = (_square(image.shape, rows[n], columns[n], side) for n in best[1:])
    return first, second


def _square(shape: tuple[int, ...], row: int, column: int, side: int) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[row : row + side, column : column + side] = True
    return mask


def _sums(plane: np.ndarray) -> np.ndarray:
    """Return the summed-area table with a leading row and column of zeros."""
    return np.pad(np.cumsum(np.cumsum(plane, axis=0, dtype=np.float64), axis=1), ((1, 0), (1, 0)))


def _boxes(sums: np.ndarray, rows: np.ndarray, columns: np.ndarray, side: int) -> np.ndarray:
    below, right = rows + side, columns + side
    return sums[below, right] - sums[rows, right] - sums[below, columns] + sums[rows, columns]
