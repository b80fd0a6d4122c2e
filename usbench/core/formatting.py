"""Numbers with a readable number of digits."""

import math


def significant(value: float) -> str:
    """Return a number with three significant digits; whole from 1000 on, a dash for NaN.

    Examples
    --------
    >>> significant(0.07777), significant(26.0), significant(5410.2)
    ('0.0778', '26.0', '5410')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:#.3g}"
