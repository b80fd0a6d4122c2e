"""The inner loop of delay-and-sum beamforming."""

import numpy as np

from usbench.runtime.numba_loops import loop


@loop(exact=True)
def sum_wave(
    total: np.ndarray, signals: np.ndarray, elements: np.ndarray, lateral: np.ndarray, depth: np.ndarray,
    arrival: np.ndarray, speed: float, rate: float, start: float, demodulation: float, f_number: float,
) -> None:  # fmt: skip
    """Add the image of one transmitted wave to `total`, (depth, lateral) complex128.

    `signals` is (elements, samples) complex64. `elements` is (4, elements): lateral position and depth in m, and the
    sine and cosine of the angle between the element's normal and the depth axis. `arrival`, (depth, lateral), is the
    time in s at which the wave reaches a pixel. An element is used if the tangent of the angle between the pixel's
    direction and its normal is at most 1 / (2 F). Samples are interpolated linearly; demodulated signals are multiplied
    by the phase of the delay.
    """
    samples = signals.shape[1]
    slope = 1 / (2 * f_number)
    for row in range(depth.size):
        for column in range(lateral.size):
            value = 0.0j
            for element in range(elements.shape[1]):
                right = lateral[column] - elements[0, element]
                down = depth[row] - elements[1, element]
                ahead = right * elements[2, element] + down * elements[3, element]
                aside = right * elements[3, element] - down * elements[2, element]
                if abs(aside) > slope * ahead:
                    continue
                delay = arrival[row, column] + np.sqrt(right * right + down * down) / speed
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


def flat_array(lateral: np.ndarray) -> np.ndarray:
    """Return the elements of a linear array for `sum_wave`, (4, elements), from their lateral positions in m."""
    zeros = np.zeros(lateral.shape)
    return np.stack([lateral.astype(np.float64), zeros, zeros, zeros + 1])
