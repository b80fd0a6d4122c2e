"""Compare the statistics of speckle in simulated and in real ultrasound."""

from collections.abc import Sequence

import numpy as np

from usbench.ultrasound.speckle_size import autocorrelation_widths

WINDOW = 32  # pixels; side of the homogeneous windows
WINDOWS = 3  # windows per image
TOO_DARK, TOO_BRIGHT = 0.15, 0.75


def compare_speckle(real: Sequence[np.ndarray], simulated: Sequence[np.ndarray], seed: int = 0) -> dict[str, float]:
    """Compare simulated images with the real ones that they were made from.

    Parameters
    ----------
    real, simulated
        Images (H, W) in [0, 1], pair by pair. Homogeneous windows are chosen on the real image and used on both.
    seed
        Seed of the independent Rayleigh noise whose spectrum is compared, too.

    Returns
    -------
    dict
        Ratios simulated / real of means over windows: `ssnr_ratio` (mean over standard deviation), `axial_ratio` and
        `lateral_ratio` (widths of the autocorrelation at one half). `spectrum_distance` is the mean absolute difference
        of the natural logarithms of the radial power spectra of simulated and real image; `rayleigh_distance` is the
        same for the smoothed real image with independent Rayleigh noise.
    """
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    statistics: list[tuple[np.ndarray, np.ndarray]] = []
    distances: list[tuple[float, float]] = []
    for truth, made in zip(real, simulated, strict=True):
        for window in homogeneous_windows(truth):
            statistics.append((_statistics(truth[window]), _statistics(made[window])))
        noisy = np.clip(gaussian_filter(truth, 3) * rng.rayleigh(np.sqrt(2 / np.pi), truth.shape), 0, 1)
        spectrum = radial_spectrum(truth)
        distances.append(
            (
                float(np.abs(radial_spectrum(made) - spectrum).mean()),
                float(np.abs(radial_spectrum(noisy) - spectrum).mean()),
            )
        )
    ours, theirs = (np.mean([pair[side] for pair in statistics], axis=0) for side in (1, 0))
    near, far = np.mean(distances, axis=0)
    ratios = dict(zip(("ssnr_ratio", "axial_ratio", "lateral_ratio"), (ours / theirs).tolist(), strict=True))
    return {**ratios, "spectrum_distance": float(near), "rayleigh_distance": float(far)}


def homogeneous_windows(image: np.ndarray) -> list[tuple[slice, slice]]:
    """Return at most three disjoint windows of medium grey whose means over 8 x 8 blocks vary least."""
    candidates = []
    for top in range(0, image.shape[0] - WINDOW + 1, WINDOW // 2):
        for left in range(0, image.shape[1] - WINDOW + 1, WINDOW // 2):
            window = image[top : top + WINDOW, left : left + WINDOW]
            mean = float(window.mean())
            if TOO_DARK < mean < TOO_BRIGHT and window.min() < window.max():
                blocks = window.reshape(WINDOW // 8, 8, WINDOW // 8, 8).mean((1, 3))
                candidates.append((float(blocks.std()) / mean, top, left))
    chosen: list[tuple[int, int]] = []
    for _, top, left in sorted(candidates):
        if all(abs(top - y) >= WINDOW or abs(left - x) >= WINDOW for y, x in chosen):
            chosen.append((top, left))
    return [(slice(top, top + WINDOW), slice(left, left + WINDOW)) for top, left in chosen[:WINDOWS]]


def radial_spectrum(image: np.ndarray, bins: int = 24) -> np.ndarray:
    """Return the natural logarithm of the power spectrum in rings of spatial frequency up to 0.5 cycles per pixel."""
    hann = np.outer(*(np.hanning(extent) for extent in image.shape))
    power = np.abs(np.fft.fft2((image - image.mean()) * hann)) ** 2 / np.sum(hann**2)
    frequency = np.hypot(*np.meshgrid(*(np.fft.fftfreq(extent) for extent in image.shape), indexing="ij"))
    ring = np.minimum((frequency * 2 * bins).astype(int), bins)
    sums = np.bincount(ring.ravel(), power.ravel(), bins + 1)[:bins]
    return np.log(sums / np.bincount(ring.ravel(), minlength=bins + 1)[:bins] + 1e-9)


def _statistics(window: np.ndarray) -> np.ndarray:
    widths = autocorrelation_widths(window, np.ones(window.shape, bool))
    return np.array([window.mean() / max(float(window.std()), 1e-6), *widths])
