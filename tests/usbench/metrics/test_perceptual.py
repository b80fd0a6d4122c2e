"""piq's measures: they are piq's, and bad input is a sentence."""

import numpy as np
import piq
import pytest
import torch

from usbench.core.errors import ImageError
from usbench.core.sample import Sample
from usbench.metrics.perceptual import FSIM, GMSD, HAARPSI, LPIPS, MS_SSIM, VIF, lpips_unavailable, similarity

CALLS = {
    "ms_ssim": (MS_SSIM, lambda y, x: piq.multi_scale_ssim(y, x, data_range=1.0)),
    "fsim": (FSIM, lambda y, x: piq.fsim(y, x, data_range=1.0, chromatic=False)),
    "gmsd": (GMSD, lambda y, x: piq.gmsd(y, x, data_range=1.0)),
    "haarpsi": (HAARPSI, lambda y, x: piq.haarpsi(y, x, data_range=1.0)),
    "vif": (VIF, lambda y, x: piq.vif_p(y, x, data_range=1.0)),
}


def tensor(image):
    return torch.from_numpy(image.astype(np.float32))[None, None]


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    reference = rng.random((24, 22)).repeat(8, 0).repeat(8, 1)
    return np.clip(reference + 0.1 * rng.normal(size=reference.shape), 0, 1), reference


@pytest.mark.parametrize("name", CALLS)
def test_it_is_piqs(images, name):
    metric, call = CALLS[name]
    assert metric.function(*images) == pytest.approx(float(call(*map(tensor, images))), abs=1e-6)


@pytest.mark.parametrize("name", CALLS)
def test_identical_images_score_best(images, name):
    metric, _ = CALLS[name]
    best = 0.0 if metric.better == "lower" else 1.0
    assert metric.function(images[1], images[1]) == pytest.approx(best, abs=1e-4)
    assert abs(metric.function(*images) - best) > 0.01


@pytest.mark.parametrize("name", ["ms_ssim", "vif", "haarpsi"])
def test_too_small_an_image_is_a_sentence(name):
    with pytest.raises(ImageError, match="needs an image of at least"):
        CALLS[name][0].function(np.zeros((12, 12)), np.zeros((12, 12)))


def test_nan_is_a_sentence_not_an_assertion(images):
    with pytest.raises(ImageError, match="not finite"):
        GMSD.function(np.full(images[1].shape, np.nan), images[1])


def test_values_out_of_range_are_clipped_not_asserted(images):
    assert GMSD.function(images[0] * 3 - 1, images[1]) == pytest.approx(
        GMSD.function(np.clip(images[0] * 3 - 1, 0, 1), images[1])
    )


def test_lpips_is_skipped_with_the_reason_and_downloads_nothing(images, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert "lpips needs vgg16" in lpips_unavailable()
    sample = Sample("s", images[1].astype(np.float32), images[1].astype(np.float32))
    assert "lpips needs" in LPIPS.missing(sample)
    assert not list(tmp_path.rglob("*.pt*"))


def test_vif_is_computed_in_float64():
    """In float32 it loses small variances, and the order of two methods with it."""
    rng = np.random.default_rng(0)
    reference = np.clip(0.5 + 0.001 * rng.standard_normal((64, 64)), 0, 1)
    estimate = np.clip(reference + 0.0005 * rng.standard_normal((64, 64)), 0, 1)
    exact = piq.vif_p(*(torch.from_numpy(image)[None, None] for image in (estimate, reference)), data_range=1.0)
    assert similarity(estimate, reference, "vif_p", sigma_n_sq=2.0) == pytest.approx(float(exact), rel=1e-9)


def test_vsi_prefers_less_noise_and_says_nothing(recwarn):
    rng = np.random.default_rng(0)
    reference = np.clip(0.5 + 0.2 * np.sin(np.arange(64) / 5)[:, None] + np.zeros((64, 64)), 0, 1)
    found = [
        similarity(np.clip(reference + level * rng.standard_normal((64, 64)), 0, 1), reference, "vsi")
        for level in (0, 0.05, 0.2)
    ]
    assert found[0] == pytest.approx(1)
    assert found == sorted(found, reverse=True)
    assert not recwarn.list
