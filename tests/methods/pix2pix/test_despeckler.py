"""The trained despecklers: any image size, bf16 against float32, and error messages."""

import resource

import numpy as np
import pytest
import torch

import usbench
from usbench.core.errors import MethodError
from usbench.runtime.bf16 import computes_in_bf16

NAMES = ("gan-d", "gan-d-paper", "gan-recpad")


@pytest.fixture(scope="module", params=NAMES)
def method(request):
    made = usbench.load_method(request.param)
    made.prepare("cpu")
    return made


def speckled(height: int, width: int) -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(np.clip(0.4 * rng.rayleigh(0.8, (1, 1, height, width)), 0, 1).astype(np.float32))


@pytest.mark.parametrize("shape", [(16, 16), (1, 1), (192, 255), (300, 451), (540, 800)])
def test_any_size(method, shape):
    result = method.despeckle(speckled(*shape))
    assert result.shape == (1, 1, *shape)
    assert result.dtype == torch.float32
    assert result.min() >= 0
    assert result.max() <= 1


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_constant_and_saturated_images_stay_finite(method, value):
    assert bool(method.despeckle(torch.full((1, 1, 64, 64), value)).isfinite().all())


def test_a_large_image_is_despeckled_in_tiles_without_a_seam():
    method = usbench.load_method("gan-d")
    method.prepare("cpu")
    image = speckled(300, 1500)
    result = method.despeckle(image)
    # tiles of 1024 meet between columns 476 and 1024: no step there is larger than elsewhere
    steps = result[0, 0].diff(dim=1).abs().mean(0)
    assert steps[470:1030].max() < 2 * steps[50:470].max()


@pytest.mark.slow
def test_a_huge_image_takes_bounded_memory():
    method = usbench.load_method("gan-d")
    method.prepare("cpu")
    method.despeckle(speckled(1024, 1024))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert method.despeckle(speckled(4000, 3000)).shape == (1, 1, 4000, 3000)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert more < 600_000  # kB: a dozen planes of 4000 x 3000 floats, whatever the network holds for a tile


def test_sixteen_bit_grey_is_not_rounded_to_eight(method):
    fine = speckled(64, 64)
    coarse = (fine * 255).round() / 255
    assert not torch.equal(method.despeckle(fine), method.despeckle(coarse))


def test_nan_is_refused_with_a_sentence(method):
    image = speckled(32, 32)
    image[0, 0, 3, 3] = float("nan")
    with pytest.raises(MethodError, match="not finite"):
        method.despeckle(image)


def test_it_must_be_prepared():
    with pytest.raises(MethodError, match="call prepare"):
        usbench.load_method("gan-d").despeckle(speckled(32, 32))


@pytest.mark.skipif(not computes_in_bf16("cpu"), reason="this processor has no bf16 arithmetic: both paths are one")
@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("gan-d", "natural+rayleigh"),
        ("gan-d", "phantom+psf"),
        ("gan-d", "echo"),
        ("gan-d-paper", "natural+rayleigh"),
        ("gan-recpad", "shapes[count=1]+recpad"),  # computes exactly: its fast path is further off
    ],
)
def test_the_fast_path_is_within_a_hundredth_of_the_exact_one(name, dataset):
    fast, exact = usbench.load_method(name), usbench.load_method(name, exact=True)
    image = torch.from_numpy(usbench.load_dataset(dataset)[0].image.copy())[None, None]
    for method in (fast, exact):
        method.prepare("cpu")
    difference = (fast.despeckle(image) - exact.despeckle(image)).abs()
    assert difference.max() < 0.01
    assert bool(difference.max() > 0) is not fast.exact


@pytest.mark.parametrize(("most", "tiles"), [(600, 4), (300, 25)])
def test_a_device_that_runs_out_of_memory_gets_smaller_tiles_and_nearly_the_same_result(most, tiles, monkeypatch):
    method = usbench.load_method("gan-d", exact=True)
    method.prepare("cpu")
    sample = usbench.load_dataset("phantom[count=1]+psf")[0].image
    image = torch.from_numpy(np.tile(sample, (3, 3)))[None, None]
    whole = method.despeckle(image)
    network, seen = method._network, []
    run = network.forward

    def in_little_memory(tile):
        if max(tile.shape[2:]) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        seen.append(tuple(tile.shape[2:]))
        return run(tile)

    monkeypatch.setattr(network, "forward", in_little_memory)
    again = method.despeckle(image)
    assert len(seen) >= tiles
    assert (again - whole).abs().mean() < 0.002
    assert (again - whole).abs().flatten().kthvalue(round(0.999 * whole.numel())).values < 0.01
    monkeypatch.setattr(network, "forward", lambda tile: in_little_memory(torch.zeros(1, 1, 2000, 2000)))
    with pytest.raises(torch.OutOfMemoryError):
        method.despeckle(image)
