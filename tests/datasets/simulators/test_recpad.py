"""The simulator of RECPAD against its description and reproduced figures."""

import numpy as np
import pytest
from usbench.datasets.simulators.recpad import Recpad, interpolate

import usbench


def test_recpad_chain_matches_its_description():
    clean = np.full((64, 64), 0.4, np.float32)
    image = Recpad().simulate(clean, np.random.default_rng(5)).image
    rng = np.random.default_rng(5)
    noisy = rng.rayleigh(clean * 255.0)
    gain, offset = rng.uniform(10, 50), rng.uniform(-50, 50)
    # kept pixels are exact, those between are means of their neighbours before the log
    expected = gain * np.log(noisy[::2, ::2] + 1) + offset
    assert np.allclose(image[::2, ::2], np.clip(expected, 0, 255) / 255, atol=1e-6)
    middle = gain * np.log((noisy[::2, :-2:2] + noisy[::2, 2::2]) / 2 + 1) + offset
    assert np.allclose(image[::2, 1:-1:2], np.clip(middle, 0, 255) / 255, atol=1e-6)


def test_recpad_noise_level_is_the_reproduced_one():
    # 60 images of the protocol: noisy 10.51 dB and .333, 15.19 dB after an affine grey remap
    dataset = usbench.load_dataset("shapes[count=60]+recpad", split="val")
    metrics = [usbench.load_metric(name) for name in ("psnr", "ssim", "psnr_affine")]
    frame = usbench.evaluate(usbench.load_method("identity"), dataset, metrics)
    assert frame["psnr"].mean() == pytest.approx(10.51, abs=0.8)
    assert frame["ssim"].mean() == pytest.approx(0.333, abs=0.05)
    assert frame["psnr_affine"].mean() == pytest.approx(15.19, abs=0.5)


def test_interpolation_is_scipys():
    from scipy.interpolate import RegularGridInterpolator

    kept = np.random.default_rng(0).random((4, 5))
    grid = RegularGridInterpolator((np.arange(0, 8, 2), np.arange(0, 10, 2)), kept)
    rows, columns = np.mgrid[0:7, 0:9]
    assert np.allclose(interpolate(kept, (7, 9), 2), grid((rows, columns)))
