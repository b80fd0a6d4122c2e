"""Simulated speckle against the closed forms of fully developed speckle."""

import numpy as np
import pytest
from usbench.datasets.simulators.recpad import Recpad, interpolate

import usbench

SHAPE = (512, 512)
RAYLEIGH_SSNR = np.sqrt(np.pi / (4 - np.pi))


def flat(value: float) -> np.ndarray:
    return np.full(SHAPE, value, np.float32)


def simulated(name: str, clean: np.ndarray, seed: int = 0) -> np.ndarray:
    return usbench.load_simulator(name).simulate(clean, np.random.default_rng(seed)).image.astype(float)


def test_rayleigh_keeps_the_mean_and_has_the_ssnr_of_speckle():
    noisy = simulated("rayleigh", flat(0.15))  # clipping starts at 6 times the mean
    assert noisy.mean() == pytest.approx(0.15, rel=2e-3)  # without the gain of 1.2533 divided out: 0.188
    assert noisy.mean() / noisy.std() == pytest.approx(RAYLEIGH_SSNR, rel=0.01)
    assert 1 / noisy.var() * noisy.mean() ** 2 == pytest.approx(3.66, rel=0.02)


def test_rayleigh_has_the_distribution_and_no_correlation():
    from scipy.stats import kstest, rayleigh

    noisy = simulated("rayleigh", flat(0.15))
    assert kstest(noisy.ravel()[::13], rayleigh(scale=0.15 / np.sqrt(np.pi / 2)).cdf).pvalue > 0.01
    assert abs(np.corrcoef(noisy[:, 1:].ravel(), noisy[:, :-1].ravel())[0, 1]) < 0.01


@pytest.mark.parametrize("looks", [1, 4, 16])
def test_gamma_has_unit_mean_and_its_looks(looks):
    noisy = simulated(f"gamma[looks={looks}]", flat(0.05))
    assert noisy.mean() == pytest.approx(0.05, rel=0.01)
    assert (noisy.mean() / noisy.std()) ** 2 == pytest.approx(looks, rel=0.03)


@pytest.mark.parametrize("level", [0.25, 0.64])
def test_loupas_deviation_grows_with_the_root(level):
    noisy = simulated("loupas[sigma=0.1]", flat(level))
    assert noisy.mean() == pytest.approx(level, rel=0.01)
    assert noisy.std() == pytest.approx(0.1 * np.sqrt(level), rel=0.02)


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


def test_noise_depends_on_version_and_sample_alone():
    few = usbench.load_dataset("shapes[count=2]+psf")
    many = usbench.load_dataset("shapes[count=50]+psf")
    assert few[1].input_hash == many[1].input_hash
    assert few[0].input_hash != few[1].input_hash
    different = usbench.load_dataset("shapes[count=2]+psf[axial=1.5]")
    assert different[1].input_hash != few[1].input_hash


def test_every_method_gets_the_same_noise():
    # fresh noise for every method is a defect seen in public comparisons
    dataset = usbench.load_dataset("natural+rayleigh")
    hashes = [
        usbench.evaluate(usbench.load_method(name), dataset, [])["input_hash"].tolist()
        for name in ("identity", "constant")
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) == len(hashes[0])
