"""Phase asymmetry against its formula with a plain Fourier sum."""

import numpy as np
from usbench.methods.classical.phase import phase_asymmetry


def test_phase_asymmetry_is_at_the_edge_whatever_its_contrast():
    columns = np.arange(64)
    for height in (20, 200):
        image = np.tile(20.0 + height * (columns >= 32), (64, 1))
        asymmetry = phase_asymmetry(image, 15)
        assert asymmetry[20:44, 31:33].min() > 0.9
        assert asymmetry[20:44, 5:20].max() < 0.4
    assert not phase_asymmetry(np.full((20, 20), 90.0), 15).any()


def test_phase_asymmetry_is_the_formula_with_a_plain_fourier_sum():
    image = 255 * np.random.default_rng(0).random((8, 10))
    from scipy.fft import next_fast_len
    from scipy.special import gamma

    lengths = [next_fast_len(extent + 32, real=True) for extent in image.shape]
    margins = [(16, length - extent - 16) for length, extent in zip(lengths, image.shape, strict=True)]
    padded = np.pad(image, margins, mode="symmetric")
    frequencies = [((np.arange(n) + n // 2) % n - n // 2) / n for n in lengths]
    waves = [np.exp(-2j * np.pi * np.outer(f, np.arange(n))) for f, n in zip(frequencies, lengths, strict=True)]
    spectrum = waves[0] @ padded @ waves[1].T

    def back(values):
        return (waves[0].conj().T @ values @ waves[1].conj()).real / padded.size

    down, right = np.meshgrid(*frequencies, indexing="ij")
    radius = np.hypot(down, right)
    radius[0, 0] = 1
    total = np.zeros(padded.shape)
    for scale in (1, 2, 3):
        norm = np.sqrt(np.pi * 4**2.58 * scale**4.16 / gamma(4.16))
        band = spectrum * norm * radius**1.58 * np.exp(-scale * radius)
        band[0, 0] = 0
        rows, columns = (1j * np.where(np.abs(axis) < 0.5, axis, 0) / radius for axis in (down, right))
        even, odd = back(band), np.hypot(back(rows * band), back(columns * band))
        size = np.hypot(even, odd)
        if scale == 1:
            deviation = np.median(size) / np.sqrt(np.log(4)) * (1 - (1 / 2.1) ** 3) / (1 - 1 / 2.1)
            threshold = deviation * (np.sqrt(np.pi / 2) + 2 * np.sqrt((4 - np.pi) / 2))
        total += np.maximum(odd - np.abs(even) - threshold, 0) / (size + 1e-2)
    expected = total[16:24, 16:26]
    expected = expected / expected.max() if expected.max() else expected
    assert np.allclose(phase_asymmetry(image, 3), expected, atol=1e-6)
