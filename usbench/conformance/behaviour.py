"""Rules on the behaviour of a method. Breaking one is a warning, because it may be intended."""

from collections.abc import Callable

import numpy as np

from usbench.conformance.findings import NotApplicable, Rule, Suspicion
from usbench.ultrasound.bmode import log_compress

SIZE = 96
RANGE_DB = 60.0
UNTOUCHED = 0.02  # share of the speckle's variance; a pass-through removes less
SHIFTED = 0.25  # pixels
FLAT = 0.01  # of the grey range: accepted spread of the result for a flat image
VIEWS = (
    np.asarray,
    np.flipud,
    np.fliplr,
    np.rot90,
)  # so that an effect on one content is not a shift
UPSAMPLING = 50  # so a shift is found to 1/50 of a pixel


def likeness_rules(despeckle: Callable[[np.ndarray], np.ndarray]) -> list[Rule]:
    """Return the rules; `despeckle` returns the result for an image of the display domain."""

    def despeckles() -> str:
        image = _speckled()
        removed = float(np.var(despeckle(image) - image) / image.var())
        if removed < UNTOUCHED:
            raise Suspicion(f"looks like a pass-through: it removes {removed:.1%} of the variance of pure speckle")
        return f"removes {removed:.0%} of the variance of pure speckle"

    def in_place() -> str:
        image = _speckled(_blobs())
        axial, lateral = np.mean([_shift(view(image), despeckle(view(image))) for view in VIEWS], axis=0)
        if max(abs(axial), abs(lateral)) >= SHIFTED:
            raise Suspicion(f"looks like a shift by {axial:+.2f} pixels axially and {lateral:+.2f} laterally")
        return f"shift {axial:+.2f}, {lateral:+.2f} pixels"

    def flat_stays() -> str:
        flat = np.full((40, 37), 0.4, np.float32)
        result = despeckle(flat)
        spread = float(np.ptp(result))
        if spread > FLAT:
            raise Suspicion(f"looks like added texture: a flat image comes back with a range of {spread:.3f}")
        return f"a flat image of 0.4 comes back as {result.mean():.3f}"

    return [
        Rule("removes speckle", despeckles, "Look at a result: usbench picture -m NAME -d phantom+psf."),
        Rule(
            "leaves everything in its place",
            in_place,
            "Centre its windows: odd sizes, and the same padding on both sides.",
        ),
        Rule("keeps a flat image flat", flat_stays, "Pad by mirroring instead of with zeros."),
    ]


def _speckled(reflectivity: np.ndarray | float = 0.3) -> np.ndarray:
    """Return fully developed, correlated speckle of this mean envelope, log-compressed."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(0)
    real, imaginary = (gaussian_filter(rng.standard_normal((SIZE, SIZE)), 1) for _ in range(2))
    envelope = np.hypot(real, imaginary)
    return log_compress(reflectivity * envelope / envelope.mean(), RANGE_DB).astype(np.float32)


def _blobs() -> np.ndarray:
    """Return smooth blobs of several sizes on a darker background."""
    row, column = np.mgrid[:SIZE, :SIZE]
    image = np.full((SIZE, SIZE), 0.05)
    for y, x, width, height in ((30.3, 28.6, 6, 0.5), (60.1, 64.7, 9, 0.4), (68.5, 24.2, 5, 0.3), (24.8, 70.4, 7, 0.2)):
        image += height * np.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * width**2))
    return image


def _shift(image: np.ndarray, result: np.ndarray) -> tuple[float, float]:
    from skimage.registration import phase_cross_correlation

    if np.ptp(result) < FLAT:
        raise NotApplicable("its result is flat, so that no shift can be measured")
    moved, _, _ = phase_cross_correlation(
        result - result.mean(), image - image.mean(), upsample_factor=UPSAMPLING, normalization=None
    )
    return float(moved[0]), float(moved[1])
