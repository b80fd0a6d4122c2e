r"""B-mode images of radio-frequency lines.

The envelope is the magnitude of the analytic signal, :math:`e = |s + i H(s)|` with the Hilbert transform :math:`H`
along the line; the display is its logarithm over a stated dynamic range (`usbench.ultrasound.bmode`).
"""

import numpy as np

from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB, log_compress

WHITE = 0.999  # quantile of the envelope that is shown white: the brightest samples are ringing of the transducer


def envelope(rf: np.ndarray, *, every: int = 1) -> np.ndarray:
    """Return the envelope of radio-frequency lines.

    Parameters
    ----------
    rf
        (axial, lateral), any real numbers; the mean of each line is subtracted first.
    every
        Keep every n-th sample along the line: an envelope changes more slowly than its carrier.

    Returns
    -------
    numpy.ndarray
        (axial / every, lateral), float64, not negative.
    """
    from scipy.fft import next_fast_len
    from scipy.signal import hilbert

    lines = rf.astype(np.float64)
    lines -= lines.mean(axis=0, keepdims=True)
    analytic = hilbert(lines, N=next_fast_len(len(lines)), axis=0)
    return np.abs(analytic[: len(lines) : every])


def display(
    envelope: np.ndarray, dynamic_range_db: float = DEFAULT_DYNAMIC_RANGE_DB, white: float = WHITE
) -> np.ndarray:
    """Return the B-mode image of an envelope, float32 in [0, 1]; from the quantile `white` on it is 1."""
    peak = float(np.quantile(envelope, white))
    if not peak > 0:
        return np.zeros(envelope.shape, np.float32)
    return log_compress(envelope / peak, dynamic_range_db).astype(np.float32)
