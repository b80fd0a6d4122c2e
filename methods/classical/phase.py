"""Phase asymmetry: how similar an image point is to a step edge, independent of its contrast."""

import numpy as np

EPSILON = 1e-2  # grey levels; 1e-4 in the authors' program, which is below the rounding of a float32 image
CAUCHY_ORDER = 1.58  # exponent a of the Cauchy filters w^a e^(-s w)
NOISE_FACTOR = 2.0  # signal exceeds the mean amplitude of the noise by so many standard deviations
GROWTH = 2.1  # factor of the wavelength between scales in the noise estimate
LEAST = 1e-3  # if the greatest asymmetry is lower, the image has no edges, only rounding errors
MARGIN = 16  # pixels of mirrored border


def phase_asymmetry(image: np.ndarray, scales: int) -> np.ndarray:
    r"""Return the phase asymmetry, float64 in [0, 1], of an image with grey values of 0 to 255.

    .. math:: PA = \sum_s \frac{\max(0, |o_s| - |e_s| - T)}{\sqrt{e_s^2 + |o_s|^2} + \epsilon}

    divided by its maximum (0 everywhere in an image without edges), with the even part :math:`e_s` and the odd (Riesz)
    part :math:`o_s` of the image's monogenic signal in the band of the Cauchy filter
    :math:`c_s\, \omega^a e^{-s \omega}`, :math:`\omega` in cycles per pixel. The noise threshold :math:`T` follows from
    the median amplitude of the first band, assumed to be Rayleigh distributed (Kovesi).
    """
    from scipy.fft import irfft2, next_fast_len, rfft2
    from scipy.special import gamma

    margins = [(MARGIN, next_fast_len(extent + 2 * MARGIN, real=True) - extent - MARGIN) for extent in image.shape]
    padded = np.pad(image.astype(np.float64), margins, mode="symmetric")
    spectrum = rfft2(padded)
    down, right = np.fft.fftfreq(padded.shape[0])[:, None], np.fft.rfftfreq(padded.shape[1])
    radius = np.hypot(down, right)
    radius[0, 0] = 1
    riesz = [1j * np.where(np.abs(axis) < 0.5, axis, 0) / radius for axis in (down, right)]  # +-0.5 has no sign
    total = np.zeros_like(padded)
    threshold = 0.0
    for scale in range(1, scales + 1):
        exponent = 2 * CAUCHY_ORDER + 1
        norm = np.sqrt(np.pi * 4 ** (CAUCHY_ORDER + 1) * scale**exponent / gamma(exponent))
        band = spectrum * (norm * radius**CAUCHY_ORDER * np.exp(-scale * radius))
        band[0, 0] = 0
        even = irfft2(band, padded.shape)
        odd = np.hypot(*(irfft2(part * band, padded.shape) for part in riesz))
        amplitude = np.hypot(even, odd)
        if scale == 1:
            deviation = np.median(amplitude) / np.sqrt(np.log(4))
            deviation *= (1 - (1 / GROWTH) ** scales) / (1 - 1 / GROWTH)
            threshold = deviation * (np.sqrt(np.pi / 2) + NOISE_FACTOR * np.sqrt(2 - np.pi / 2))
        total += np.maximum(odd - np.abs(even) - threshold, 0) / (amplitude + EPSILON)
    inner = total[MARGIN : MARGIN + image.shape[0], MARGIN : MARGIN + image.shape[1]]
    return inner / inner.max() if inner.max() > LEAST else np.zeros_like(inner)
