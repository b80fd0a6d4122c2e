"""The inner loop of delay-and-sum, compiled by numba."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def sum_angle(
    total: np.ndarray, signals: np.ndarray, elements: np.ndarray, lateral: np.ndarray, depth: np.ndarray,
    angle: float, speed: float, rate: float, start: float, demodulation: float, f_number: float,
) -> None:  # fmt: skip
    """Add the image of one plane wave to `total`, (depth, lateral) complex128.

    `signals` is (elements, samples) complex64. Samples are interpolated linearly; signals that were demodulated get the
    phase of the delay back.
    """
    samples = signals.shape[1]
    for row in range(depth.size):
        z = depth[row]
        reach = z / (2 * f_number)
        for column in range(lateral.size):
            x = lateral[column]
            there = z * np.cos(angle) + x * np.sin(angle)
            value = 0.0j
            for element in range(elements.size):
                offset = x - elements[element]
                if abs(offset) > reach:
                    continue
                delay = (there + np.sqrt(offset * offset + z * z)) / speed
                place = (delay - start) * rate
                index = int(np.floor(place))
                if index < 0 or index + 1 >= samples:
                    continue
                part = place - index
                sample = (1 - part) * signals[element, index] + part * signals[element, index + 1]
                if demodulation != 0.0:
                    sample = sample * np.exp(2j * np.pi * demodulation * delay)
                value += sample
            total[row, column] += value
