"""What judging an image costs, and each metric beside the library that a user would call instead, in one run.

Run with `pytest tests/benchmarks/test_metrics.py --benchmark-only`. Everything runs in one thread, as in a worker.
"""

import numpy as np
import pytest
import torch

import usbench
from usbench.evaluation.evaluate import default_metrics
from usbench.metrics.canny import canny

from .test_filters import least_ms


@pytest.fixture(scope="module")
def sample():
    return usbench.load_dataset("phantom+psf")[0]


@pytest.fixture(scope="module")
def estimate(sample):
    method = usbench.load_method("median")
    method.prepare("cpu")
    return method.despeckle_plane(np.array(sample.image)).astype(np.float64)


def skimage_ssim(estimate, reference):
    from skimage.metrics import structural_similarity

    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    return structural_similarity(estimate, reference, **options)


def skimage_psnr(estimate, reference):
    from skimage.metrics import peak_signal_noise_ratio

    return peak_signal_noise_ratio(reference, estimate, data_range=1.0)


def skimage_canny(estimate, reference):
    from skimage.feature import canny as detect

    return [detect(image, 1.0, 0.1, 0.2) for image in (estimate, reference)]


def our_canny(estimate, reference):
    return [canny(image, 1.0, 0.1, 0.2) for image in (estimate, reference)]


def piq(name):
    def call(estimate, reference):
        import piq as library

        planes = [torch.from_numpy(image)[None, None] for image in (estimate, reference)]
        return getattr(library, name)(*planes, data_range=1.0)

    return call


def ours(name):
    return usbench.load_metric(name).function


PAIRS = [
    ("psnr", ours("psnr"), "scikit-image", skimage_psnr),
    ("ssim", ours("ssim"), "scikit-image", skimage_ssim),
    ("ssim", ours("ssim"), "piq", piq("ssim")),
    ("gmsd", ours("gmsd"), "piq", piq("gmsd")),
    ("canny of fom", our_canny, "scikit-image", skimage_canny),
]


@pytest.mark.parametrize(("name", "call", "rival", "other"), PAIRS, ids=[f"{pair[0]} {pair[2]}" for pair in PAIRS])
def test_never_slower_than_the_library(benchmark, capsys, sample, estimate, name, call, rival, other):
    reference = sample.reference.astype(np.float64)
    torch.set_num_threads(1)
    benchmark.pedantic(call, args=(estimate, reference), rounds=5, warmup_rounds=1)
    mine, theirs = least_ms([lambda: call(estimate, reference), lambda: other(estimate, reference)])
    benchmark.extra_info |= {"rival": rival, "ratio": theirs / mine}
    with capsys.disabled():
        print(f"\n{name:14s} ours {mine:7.2f} ms  {rival:14s} {theirs:7.2f} ms  ratio {theirs / mine:5.1f}", end="")
    assert mine <= 1.08 * theirs


def test_the_default_metrics_take_less_than_25_ms(benchmark, capsys, sample, estimate):
    torch.set_num_threads(1)
    metrics = [metric for metric in default_metrics() if not metric.missing(sample)]
    assert len(metrics) > 20
    times = {metric.name: least_ms([lambda metric=metric: metric(estimate, sample)], 0.2)[0] for metric in metrics}
    benchmark.pedantic(lambda: [metric(estimate, sample) for metric in metrics], rounds=9, warmup_rounds=1)
    benchmark.extra_info["ms"] = {name: round(time, 2) for name, time in times.items()}
    with capsys.disabled():
        slow = ", ".join(f"{name} {time:.1f}" for name, time in sorted(times.items(), key=lambda item: -item[1])[:8])
        print(f"\n{len(metrics)} metrics in {sum(times.values()):.1f} ms: {slow}, ...", end="")
    assert sum(times.values()) < 25
