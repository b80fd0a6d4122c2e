"""How wide a wire becomes."""

import numpy as np

from usbench.core.metric import Metric

REACH = 12  # pixels on each side of a wire
SEARCH = 3  # pixels within which a wire's peak is looked for
HALF_DB = 6.0


def wire_axial(estimate: np.ndarray, point: tuple[int, int], dynamic_range_db: float) -> float:
    r"""Return the axial full width of a wire at -6 dB, in pixels.

    .. math:: w = z_2 - z_1, \quad y(z_1) = y(z_2) = y(z_0) - 6\,\mathrm{dB} / R

    The peak :math:`z_0` is the brightest pixel within 3 pixels of the wire; along the axis through it, the width is
    that between the points where the display, which spans :math:`R` dB, has fallen by 6 dB, between pixels linearly.

    Returns
    -------
    float
        From 0 to 25 pixels: a wire that does not stand out by 6 dB has 25, the whole profile.

    Notes
    -----
    A speckle grain beside a wire that was wiped out is taken for the wire. It needs the dynamic range, and is only
    measured where wires are known: on `resolution`.
    """
    return _width(estimate, point, dynamic_range_db, axis=0)


def wire_lateral(estimate: np.ndarray, point: tuple[int, int], dynamic_range_db: float) -> float:
    r"""Return the lateral full width of a wire at -6 dB, in pixels; see `wire_axial`.

    .. math:: w = l_2 - l_1, \quad y(l_1) = y(l_2) = y(l_0) - 6\,\mathrm{dB} / R

    Returns
    -------
    float
        From 0 to 25 pixels, as for `wire_axial`.

    Notes
    -----
    Those of `wire_axial`.
    """
    return _width(estimate, point, dynamic_range_db, axis=1)


def _width(estimate: np.ndarray, point: tuple[int, int], dynamic_range_db: float, axis: int) -> float:
    row, column = _peak(estimate, point)
    line, centre = (estimate[:, column], row) if axis == 0 else (estimate[row], column)
    level = line[centre] - HALF_DB / dynamic_range_db
    before, after = line[max(0, centre - REACH) : centre + 1][::-1], line[centre : centre + REACH + 1]
    reached = [_fall(side, level) for side in (before, after)]
    return 2.0 * REACH + 1 if None in reached else float(sum(side for side in reached if side is not None))


def _peak(estimate: np.ndarray, point: tuple[int, int]) -> tuple[int, int]:
    top, left = (max(0, place - SEARCH) for place in point)
    window = estimate[top : point[0] + SEARCH + 1, left : point[1] + SEARCH + 1]
    row, column = np.unravel_index(int(window.argmax()), window.shape)
    return top + int(row), left + int(column)


def _fall(side: np.ndarray, level: float) -> float | None:
    """Return the distance from the peak, side[0], at which the profile falls to the level; None if it does not."""
    below = np.flatnonzero(side <= level)
    if not len(below):
        return None
    place = int(below[0])
    return place - 1 + (side[place - 1] - level) / (side[place - 1] - side[place])


WIRE_AXIAL = Metric(
    name="wire_axial",
    title="Axial width of wires at -6 dB",
    function=wire_axial,
    needs=("points", "dynamic_range"),
    better="lower",
    unit="px",
    spec="full width at -6 dB through the brightest pixel within 3 px, 25 px if it does not fall that far within 12",
)
WIRE_LATERAL = Metric(
    name="wire_lateral",
    title="Lateral width of wires at -6 dB",
    function=wire_lateral,
    needs=("points", "dynamic_range"),
    better="lower",
    unit="px",
    spec="full width at -6 dB through the brightest pixel within 3 px, 25 px if it does not fall that far within 12",
)
