"""The mean-reverting SDE of IR-SDE, in closed form: from a clean image to the speckled one under noise, and back.

Time runs from 0 (the clean image) to 1 (the speckled one under noise of deviation `DEVIATION`).
"""

import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch
    from torch import nn

DEVIATION = 0.2  # lambda, of the stationary noise; the authors' settings have 10/255 for rain and 70/255 for noise
LEFT = 0.005  # part of the clean image's difference from the speckled one that is left at time 1
OFFSET = 0.008  # of the cosine schedule


def rate(time: float) -> float:
    """Return theta, the rate of the drift, by the cosine schedule: almost 0 at time 0 and highest at time 1."""
    return -math.log(LEFT) * (1 - (math.cos(_angle(time)) / math.cos(_angle(0))) ** 2) / _passed(1)


def kept(time: float) -> float:
    """Return the part of the clean image's difference from the speckled one that is left: exp(-integral of theta)."""
    return LEFT ** (_passed(time) / _passed(1))


def level(time: float) -> float:
    """Return the deviation of the noise in a state, as a part of `DEVIATION`."""
    return math.sqrt(1 - kept(time) ** 2)


def state(clean: Any, image: Any, noise: Any, time: float) -> Any:
    """Return the state of the forward process at a time, for standard normal noise; arrays or tensors of one shape."""
    return image + (clean - image) * kept(time) + DEVIATION * level(time) * noise


def earlier(now: Any, clean: Any, image: Any, noise: Any, time: float, before: float) -> Any:
    """Return a state at the time `before`, drawn from its distribution given the state `now` and the clean image.

    Its mean is the optimum reverse state of the paper, for steps of any length.
    """
    since, start, end = kept(time) / kept(before), kept(before) ** 2, kept(time) ** 2
    of_now, of_clean = since * (1 - start) / (1 - end), kept(before) * (1 - since**2) / (1 - end)
    spread = DEVIATION * math.sqrt((1 - since**2) * (1 - start) / (1 - end))
    return image + of_now * (now - image) + of_clean * (clean - image) + spread * noise


def draw(network: "nn.Module", image: "torch.Tensor", steps: int, draws: int, seed: int) -> "torch.Tensor":
    """Return clean images (draws, 1, H, W) for one speckled image (1, 1, H, W) in [0, 1].

    Parameters
    ----------
    network
        Returns the expected clean image for a state, the speckled image and the level of noise, as channels.
    steps
        From time 1 back to time 0, of equal length; each calls the network once a draw.
    seed
        Of the noise, which is drawn on the CPU: the same image gives the same draws, on any device.
    """
    import torch

    from ..pix2pix.generator import translate

    generator = torch.Generator().manual_seed(seed)
    shape = (draws, *image.shape[1:])
    noise = (torch.randn(shape, generator=generator).to(image.device) for _ in range(steps))
    return back(partial(translate, network), image, noise, steps)


def back(
    network: "Callable[[torch.Tensor], torch.Tensor]",
    image: "torch.Tensor",
    noise: "Iterable[torch.Tensor]",
    steps: int,
) -> "torch.Tensor":
    """Return what `draw` does, for given standard normal noise: (draws, 1, H, W) for each step.

    The last step ends in the expected clean image, without noise; the first noise is that of the start.
    """
    import torch

    left = iter(noise)
    first = next(left)
    images = image.expand(len(first), -1, -1, -1)
    now = images + DEVIATION * first
    for time, before in pairwise(1 - step / steps for step in range(steps + 1)):
        clean = network(torch.cat([now, images, torch.full_like(images, level(time))], 1))
        now = earlier(now, clean, images, next(left, 0.0), time, before)
    return now.clamp(0, 1)


def _angle(time: float) -> float:
    return math.pi / 2 * (time + OFFSET) / (1 + OFFSET)


def _passed(time: float) -> float:
    """Return the integral of one less the squared cosine, up to a time."""
    angles = (_angle(0), _angle(time))
    first, last = (angle + math.sin(angle) * math.cos(angle) for angle in angles)
    return time - (1 + OFFSET) / math.pi * (last - first) / math.cos(angles[0]) ** 2
