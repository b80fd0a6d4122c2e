"""The fast path of gan-d beside the same network in plain eager float32: the ratio within one run is what counts."""

import numpy as np
import pytest
import torch
from usbench.methods.pix2pix.generator import load_generator, shipped

import usbench


def speckled(size: int) -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(np.clip(0.4 * rng.rayleigh(0.8, (1, 1, size, size)), 0, 1).astype(np.float32))


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("path", ["fast", "plain eager fp32"])
def test_one_image(benchmark, size, path):
    benchmark.group = f"gan-d, {size} x {size}, {torch.get_num_threads()} threads"
    image = speckled(size)
    if path == "fast":
        method = usbench.load_method("gan-d")
        method.prepare("cpu")
        call = method.despeckle
    else:
        call = load_generator(shipped("gan-d"), exact=True).to(memory_format=torch.contiguous_format)
    with torch.inference_mode():
        assert benchmark(call, image).shape == image.shape


@pytest.mark.benchmark(group="gan-d, a batch of 8 at 256 x 256")
def test_a_batch(benchmark):
    method = usbench.load_method("gan-d")
    method.prepare("cpu")
    images = speckled(256).expand(8, 1, 256, 256)
    assert benchmark(method.despeckle, images).shape == images.shape
