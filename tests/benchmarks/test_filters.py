"""Our filters and metrics beside the library function that a user would reach for, ratio by ratio in one run."""

import numpy as np
import pytest
import skimage.metrics
import skimage.restoration

import usbench
from usbench.metrics.fidelity import ssim

IMAGE = np.clip(0.4 * np.random.default_rng(0).rayleigh(0.8, (256, 256)), 0, 1).astype(np.float32)
PAIRS = {
    "nlm": lambda: skimage.restoration.denoise_nl_means(IMAGE, patch_size=7, patch_distance=7, h=0.2, fast_mode=True),
    "bilateral": lambda: skimage.restoration.denoise_bilateral(IMAGE, win_size=13, sigma_color=0.5, sigma_spatial=3),
    "tv": lambda: skimage.restoration.denoise_tv_chambolle(IMAGE, weight=0.2, eps=0, max_num_iter=100),
}


@pytest.mark.parametrize("name", [f"{name} {which}" for name in PAIRS for which in ("usbench", "scikit-image")])
def test_filter(benchmark, name):
    filter_name, which = name.split()
    benchmark.group = filter_name
    method = usbench.load_method(filter_name)
    call = PAIRS[filter_name] if which == "scikit-image" else lambda: method.despeckle_plane(IMAGE)
    call()
    assert benchmark(call).shape == IMAGE.shape


@pytest.mark.benchmark(group="ssim")
@pytest.mark.parametrize("which", ["usbench", "scikit-image"])
def test_ssim(benchmark, which):
    first = IMAGE.astype(np.float64)
    second = np.clip(first + 0.01, 0, 1)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1}
    calls = {
        "usbench": lambda: ssim(second, first),
        "scikit-image": lambda: skimage.metrics.structural_similarity(first, second, **options),
    }
    assert benchmark(calls[which]) > 0.9
