"""Base of networks that are fitted to each image on its own, from weights drawn with a seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from usbench.core.errors import MethodError, PluginError
from usbench.core.method import Method

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class ZeroShot(Method):
    """A network that is fitted to each image on its own. It needs no trained weights, but much time.

    Parameters
    ----------
    iterations
        Steps of Adam.
    seed
        Seed of the initial weights and all noise. The same image gives the same result.
    """

    hours: ClassVar[str] = ""  # a sentence on how long it takes; a run of all methods leaves it out
    seconds_per_image: ClassVar[float] = 1200.0  # time limit of a run, unless the user gives one

    iterations: Annotated[int, Field(ge=1)] = 1000
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Fit a network to each image of the batch."""
        import torch

        if not bool(image.isfinite().all()):
            raise MethodError(f"{self.name} was given an image with values that are not finite (NaN or infinity).")
        with torch.inference_mode(False), torch.enable_grad():
            return torch.cat([self.fit(single.clone()).detach().clamp(0, 1) for single in image.split(1)])

    def fit(self, image: "torch.Tensor") -> "torch.Tensor":
        """Fit a new network to the image and return its result, (1, 1, H, W)."""
        raise PluginError(f"{type(self).__name__} does not define fit(image).")


def seeded(build: "Callable[[], nn.Module]", seed: int) -> "nn.Module":
    """Return a network with weights from torch's default distributions, which depend on the seed alone.

    The network is built on the meta device first: otherwise its layers would draw from torch's global generator.
    """
    import torch
    from torch import nn

    with torch.device("meta"):
        network = build()
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            bound = 1 / math.sqrt(module.weight[0].numel())
            for parameter in module.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
    return network.to(memory_format=torch.channels_last)


def mirrored(image: "torch.Tensor", multiple: int, least: int) -> "torch.Tensor":
    """Pad an image on all sides by mirroring, to a multiple of `multiple` pixels and to `least` or more."""
    from ..pix2pix.tiles import reflected

    for axis in (2, 3):
        extent = image.shape[axis]
        size = max(least, -(-extent // multiple) * multiple)
        if size != extent:
            image = image.index_select(axis, reflected(extent, size).to(image.device))
    return image


def middle(image: "torch.Tensor", height: int, width: int) -> "torch.Tensor":
    """Undo `mirrored`: return the middle (height, width) of an image."""
    top, left = ((extent - kept) // 2 for extent, kept in zip(image.shape[2:], (height, width), strict=True))
    return image[:, :, top : top + height, left : left + width]
