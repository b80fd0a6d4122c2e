r"""Envelope and display domain of B-mode ultrasound.

A scanner detects the envelope :math:`e` of the radio-frequency signal and displays
:math:`d = 1 + 20 \log_{10}(e / e_{max}) / R`, clipped to [0, 1], where :math:`R` is the dynamic range in dB (60 dB is
PICMUS's default, Liebgott et al., IUS 2016).
"""

from typing import Any, TypeVar

DEFAULT_DYNAMIC_RANGE_DB = 60.0

Array = TypeVar("Array")


def log_compress(envelope: Array, dynamic_range_db: float = DEFAULT_DYNAMIC_RANGE_DB) -> Array:
    """Return the display image in [0, 1] of an envelope scaled to a maximum of 1.

    Parameters
    ----------
    envelope
        NumPy array or torch tensor, not negative; 1 is displayed as white.
    dynamic_range_db
        Range in dB that is mapped to [0, 1].
    """
    floor = 10.0 ** (-dynamic_range_db / 20.0)
    clipped = envelope.clip(floor, 1.0)  # type: ignore[attr-defined]
    return (1.0 + (20.0 / dynamic_range_db) * _log10(clipped)).clip(0.0, 1.0)


def log_expand(display: Array, dynamic_range_db: float = DEFAULT_DYNAMIC_RANGE_DB) -> Array:
    """Return the envelope, with maximum 1, of a display image in [0, 1]: the inverse of `log_compress`."""
    return 10.0 ** ((display - 1.0) * (dynamic_range_db / 20.0))  # type: ignore[operator]


def _log10(array: Any) -> Any:
    """Return the decimal logarithm of a NumPy array or torch tensor without importing torch."""
    if hasattr(array, "log10"):
        return array.log10()
    import numpy as np

    return np.log10(array)
