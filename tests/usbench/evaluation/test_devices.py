"""Several GPUs share the units, as far as that shows without one; and a device that runs out of memory."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from visible import visible_gpus

import usbench
from usbench.bench.pool import worker_pool
from usbench.core.errors import MethodError, UsageError
from usbench.evaluation import devices
from usbench.evaluation.evaluate import despeckle_sample


def test_processes_take_gpus_in_turn(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b, GPU-c")
    with worker_pool(2, gpus=(0, 2)) as pool:
        seen = {future.result() for future in [pool.schedule(visible_gpus) for _ in range(6)]}
    assert seen == {"GPU-a", "GPU-c"}


@pytest.mark.parametrize(
    ("text", "name", "numbers"),
    [
        ("cpu", "cpu", ()),
        ("cuda", "cuda", (0, 1, 2)),
        ("auto", "cuda", (0, 1, 2)),
        ("cuda:1", "cuda:1", ()),
        ("cuda:2,cuda:0,cuda:2", "cuda", (2, 0)),
    ],
)
def test_rows_of_several_gpus_say_cuda_and_those_of_one_its_number(monkeypatch, text, name, numbers):
    monkeypatch.setattr(devices, "resolve_device", lambda device: "cuda" if device == "auto" else device)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert devices.resolve_devices(text) == devices.Devices(name, numbers)


@pytest.mark.parametrize("text", ["cpu,cpu", "cpu,warp", "cuda:0,"])
def test_devices_that_cannot_share_are_a_sentence(text):
    with pytest.raises(UsageError, match="cannot"):
        devices.resolve_devices(text)


@pytest.mark.parametrize("shortages", [0, 1, 2])
def test_out_of_memory_is_tried_once_more_and_then_told(shortages):
    calls = []

    @dataclass(frozen=True)
    class Hungry(usbench.Method):
        card = usbench.MethodCard(title="Hungry", family="user")
        name = "hungry"

        def despeckle(self, image):
            calls.append(image.shape)
            if len(calls) <= shortages:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 8 GiB.")
            return image * 0.5

    sample = usbench.load_dataset("phantom[count=1]+rayleigh")[0]
    if shortages < 2:
        np.testing.assert_array_equal(despeckle_sample(Hungry(), sample), sample.image * np.float32(0.5))
    else:
        with pytest.raises(MethodError, match=r"hungry ran out of memory on cpu for \d+ x \d+ pixels"):
            despeckle_sample(Hungry(), sample)
    assert len(calls) == min(2, shortages + 1)
