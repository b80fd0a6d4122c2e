"""GenLik against a literal transcription and properties of shrinkage."""

import numpy as np
import pytest
from usbench.methods.classical.genlik import Genlik, log_ratio


def test_genlik(image):
    """One sub-band: the mask, both ratios and the shrinkage, coefficient by coefficient."""
    rng = np.random.default_rng(0)
    coarse = image.astype(float) - image.mean()
    band = coarse + 0.1 * rng.standard_normal(image.shape)
    sigma = np.median(np.abs(band)) / 0.6745
    mask = np.array(
        [[b * c > (1.2 * sigma) ** 2 for b, c in zip(*lines, strict=True)] for lines in zip(band, coarse, strict=True)]
    )
    padded = np.pad(np.abs(coarse), 1, mode="symmetric")
    share = mask.mean()
    found = Genlik(threshold=1.2).shrunk(band, coarse)
    if share in (0, 1):
        assert np.array_equal(found, band * share)
        return
    activity = np.array(
        [[padded[r : r + 3, c : c + 3].mean() for c in range(image.shape[1])] for r in range(image.shape[0])]
    )
    xi, eta = (np.exp(np.clip(log_ratio(values, mask), -15, 15)) for values in (np.abs(band), activity))
    odds = share / (1 - share) * xi * eta
    assert np.allclose(found, band * odds / (1 + odds), atol=1e-4)


def test_the_likelihood_ratio_is_that_of_the_densities():
    rng = np.random.default_rng(0)
    noise, signal = rng.exponential(1, 60_000), rng.exponential(2, 40_000)
    values, mask = np.concatenate([noise, signal]), np.arange(100_000) >= 60_000
    # log(exp(-v / 2) / 2) - log(exp(-v)) is a line
    found = log_ratio(values, mask)
    at = np.argmin(np.abs(values - 1.0)), np.argmin(np.abs(values - 4.0))
    assert found[list(at)] == pytest.approx([0.5 - np.log(2), 2 - np.log(2)], abs=0.15)


def test_genlik_keeps_edges_and_takes_noise_out():
    rng = np.random.default_rng(0)
    clean = np.where(np.hypot(*(np.mgrid[:64, :64] - 32)) < 18, 0.8, 0.3)
    noisy = np.clip(clean + 0.1 * rng.standard_normal(clean.shape), 0, 1).astype(np.float32)
    cleaned = Genlik().despeckle_plane(noisy)
    assert np.sqrt(((cleaned - clean) ** 2).mean()) < 0.65 * np.sqrt(((noisy - clean) ** 2).mean())
