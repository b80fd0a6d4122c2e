"""Published rankings on known protocols, compared with ours; comments say which figures are published."""

import pytest

import usbench

METRICS = [usbench.load_metric(name) for name in ("psnr", "psnr_affine", "ssim")]


def means(name: str, dataset) -> dict[str, float]:
    frame = usbench.evaluate(usbench.load_method(name), dataset, METRICS)
    return {metric.name: frame[metric.name].mean() for metric in METRICS}


@pytest.fixture(scope="module")
def recpad():
    dataset = usbench.load_dataset("shapes[count=24]+recpad")
    names = ("identity", "median[size=5]", "weighted-median", "perona-malik")
    return {name: means(name, dataset) for name in names}


@pytest.mark.parametrize("name", ["median[size=5]", "weighted-median", "perona-malik"])
def test_recpad_filters_land_near_the_table_of_2021(recpad, name):
    # Raposo et al. (2021): diffusion 11.906 dB / 0.461, adaptive median 12.053 / 0.452, pix2pix 21.085 / 0.789.
    # Here, 24 images: diffusion 9.88 / .379, median 10.06 / .390, adaptive median 10.10 / .410; noisy 10.11 / .294.
    found = recpad[name]
    assert found["psnr"] == pytest.approx(11.9, abs=2.2)
    assert found["ssim"] == pytest.approx(0.46, abs=0.1)
    assert found["psnr"] < 21 - 8


def test_recpad_is_about_grey_mapping_which_filters_do_not_change(recpad):
    # raw PSNR gains nothing from filtering while SSIM does; one affine grey map is worth 5 dB
    for name in ("median[size=5]", "weighted-median", "perona-malik"):
        assert abs(recpad[name]["psnr"] - recpad["identity"]["psnr"]) < 0.5
        assert recpad[name]["ssim"] > recpad["identity"]["ssim"] + 0.05
        assert recpad[name]["psnr_affine"] > recpad[name]["psnr"] + 4


@pytest.fixture(scope="module")
def correlated():
    dataset = usbench.load_dataset("phantom[count=2]+psf")
    return {name: means(name, dataset) for name in ("identity", "srad", "obnlm", "wavelet", "nlm")}


def test_in_correlated_speckle_srad_is_ahead_of_the_papers_obnlm_and_of_wavelets_in_psnr(correlated):
    # Li et al. (2025): SRAD 19.40 to 20.81 dB, OBNLM 18.84 to 21.49 dB
    for name in ("identity", "obnlm", "wavelet"):
        assert correlated["srad"]["psnr"] > correlated[name]["psnr"]


def test_in_correlated_speckle_srad_is_behind_non_local_means_in_ssim(correlated):
    # here, 6 phantoms: srad 24.84 dB / .726, nlm (tuned on val) 27.45 / .882. That nlm is ahead in PSNR as well the
    # publication does not show: its NLM was at 19.40 dB, level with SRAD
    assert correlated["srad"]["ssim"] < correlated["nlm"]["ssim"] - 0.05
