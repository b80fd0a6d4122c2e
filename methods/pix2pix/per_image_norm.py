"""Running a generator as the authors' demo does: batch norm on the image's own statistics, and dropout on."""

from functools import cache
from pathlib import Path

import torch
from torch import nn

from usbench.weights.shards import load_weights, read_index

from .networks import UnetGenerator
from .tiles import Tiling, apply_in_tiles, reflected

MULTIPLE = 256  # eight halvings
TILING = Tiling(size=1024, overlap=256, fixed=False, step=256)


class SeededDropout(nn.Module):
    """Dropout that is on in every mode and always drops the same features for a given shape; off if `seed` is None.

    Parameters
    ----------
    rate
        Fraction of the features that are dropped; the others are divided by 1 - rate.
    number
        Number of the layer in its network, so that layers with the same seed drop different features.
    """

    def __init__(self, rate: float, number: int) -> None:
        super().__init__()
        self.rate, self.number = rate, number
        self.seed: int | None = None

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return the scaled features, with zeros where they are dropped."""
        if self.seed is None:
            return features
        rng = torch.Generator().manual_seed(1_000_003 * self.seed + self.number)
        kept = torch.rand(features.shape[1:], generator=rng) >= self.rate
        return features * kept.to(features.device) / (1 - self.rate)


def load_demo_generator(index: Path, device: "str | torch.device" = "cpu") -> UnetGenerator:
    """Return a generator with `SeededDropout` whose batch norm uses the statistics of its input.

    Call it on one image at a time; otherwise the statistics are those of the batch.
    """
    network = UnetGenerator(int(read_index(index)["width"]))
    network.load_state_dict(load_weights(index))
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.eval().requires_grad_(False)
    dropouts = [name for name, module in network.named_modules() if isinstance(module, nn.Dropout)]
    for number, name in enumerate(dropouts):
        parent, _, child = name.rpartition(".")
        rate = network.get_submodule(name).p
        setattr(network.get_submodule(parent), child, SeededDropout(float(rate), number))  # type: ignore[arg-type]
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.track_running_stats = False
            module.running_mean = module.running_var = None
    return network


@cache
def cpu_demo_generator(index: Path, weights_hash: str) -> UnetGenerator:
    """Return `load_demo_generator(index)` on the CPU, loaded once per process and hash of the weights."""
    return load_demo_generator(index)


def translate_alone(network: UnetGenerator, image: torch.Tensor, seed: int | None, resize: bool) -> torch.Tensor:
    """Return the network's output for images (B, 1, H, W) in [0, 1], each with its own batch-norm statistics.

    Parameters
    ----------
    network
        From `load_demo_generator`.
    image
        Any height and width.
    seed
        Seed of dropout, the same for every image; None for no dropout.
    resize
        Whether an image that is not 256 x 256 is resized to that (bicubic) and its result resized back, as in the demo.
        Otherwise the network, which is convolutional, runs on the image padded by reflection to multiples of 256. The
        statistics are then those of the whole image; with statistics per tile, a dark tile would be stretched to the
        grey scale of a bright one. Images of more than 1024 pixels in height or width are processed in blended tiles of
        at most that size with an overlap of 256, in bounded memory.
    """
    for module in network.modules():
        if isinstance(module, SeededDropout):
            module.seed = seed
    run = _resized if resize else _whole
    with torch.inference_mode():
        generated = torch.cat([run(network, 2 * plane - 1) for plane in image.split(1)])
    return ((generated + 1) / 2).clamp(0, 1).clone()


def _resized(network: nn.Module, plane: torch.Tensor) -> torch.Tensor:
    if plane.shape[2:] == (MULTIPLE, MULTIPLE):
        return network(plane)
    small = _bicubic(plane, MULTIPLE, MULTIPLE).clamp(-1, 1)
    return _bicubic(network(small), *plane.shape[2:])


def _bicubic(plane: torch.Tensor, height: int, width: int) -> torch.Tensor:
    return nn.functional.interpolate(plane, (height, width), mode="bicubic", align_corners=False, antialias=True)


def _whole(network: nn.Module, plane: torch.Tensor) -> torch.Tensor:
    height, width = plane.shape[2:]
    (top, rows), (left, columns) = _continued(height), _continued(width)
    padded = plane[:, :, rows.to(plane.device)][:, :, :, columns.to(plane.device)]
    return apply_in_tiles(network, padded, TILING)[:, :, top : top + height, left : left + width]


def _continued(extent: int) -> tuple[int, torch.Tensor]:
    """Return where the original starts in an axis padded to a multiple of 256, and the source of each padded pixel."""
    total = -(-extent // MULTIPLE) * MULTIPLE
    return (total - extent) // 2, reflected(extent, total)
