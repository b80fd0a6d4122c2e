"""Multiplicative total variation against a literal transcription, and the optimality of its result."""

import numpy as np
from plain_loops import CLOSE, chambolle, pixels
from usbench.methods.classical.tv_multiplicative import TvMultiplicative


def test_tv_multiplicative(image):
    observed = np.log(image.astype(float))
    estimate, smooth, multiplier = observed.copy(), observed.copy(), np.zeros_like(observed)
    dual = (np.zeros(image.shape), np.zeros(image.shape))
    for _ in range(3):
        for place in pixels(image):
            target, value = smooth[place] + multiplier[place], estimate[place]
            for _ in range(4):
                slope = 1 - np.exp(observed[place] - value) + value - target
                value -= slope / (np.exp(observed[place] - value) + 1)
            estimate[place] = value
        smooth, dual = chambolle(estimate - multiplier, 3 / 3.66, 5, dual)
        multiplier += smooth - estimate
    method = TvMultiplicative(looks=3.66, weight=3, iterations=3, inner=5)
    assert np.allclose(method.despeckle_plane(image), np.exp(smooth), **CLOSE)


def test_tv_multiplicative_reaches_a_minimum():
    image = np.clip(0.4 * np.random.default_rng(0).rayleigh(0.8, (24, 24)), 0.02, 1).astype(np.float32)

    def objective(logarithm):
        down = np.diff(logarithm, axis=0, append=logarithm[-1:])
        right = np.diff(logarithm, axis=1, append=logarithm[:, -1:])
        data = logarithm + image / np.exp(logarithm)
        return 3.66 * data.sum() + 3 * np.hypot(down, right).sum()

    found = np.log(TvMultiplicative(weight=3, iterations=100, inner=50).despeckle_plane(image).astype(float))
    best = objective(found)
    rng = np.random.default_rng(1)
    for size in (0.003, 0.03, 0.3):
        for change in (np.ones(image.shape), rng.standard_normal(image.shape), np.log(image) - found):
            assert objective(found + size * change) > best - 1e-3
            assert objective(found - size * change) > best - 1e-3
