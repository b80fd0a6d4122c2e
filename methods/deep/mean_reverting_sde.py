"""The mean-reverting SDE of IR-SDE in closed form: from a clean image to the speckled one plus noise, and back.

Time runs from 0 (the clean image) to 1 (the speckled one plus noise of standard deviation `DEVIATION`).
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
LEFT = 0.005  # fraction of the difference between clean and speckled image that remains at time 1
OFFSET = 0.008  # of the cosine schedule


def rate(time: float) -> float:
    """Return theta, the drift rate of the cosine schedule: almost 0 at time 0 and highest at time 1."""
    return -math.log(LEFT) * (1 - (math.cos(_angle(time)) / math.cos(_angle(0))) ** 2) / _passed(1)


def kept(time: float) -> float:
    """Return the fraction of the difference between clean and speckled image that remains: exp(-integral of theta)."""
    return LEFT ** (_passed(time) / _passed(1))


def level(time: float) -> float:
    """Return the standard deviation of the noise in a state, as a fraction of `DEVIATION`."""
    return math.sqrt(1 - kept(time) ** 2)


def state(clean: Any, image: Any, noise: Any, time: float) -> Any:
    """Return the state of the forward process at a time, given standard normal noise; arrays or tensors alike."""
    return image + (clean - image) * kept(time) + DEVIATION * level(time) * noise


def earlier(now: Any, clean: Any, image: Any, noise: Any, time: float, before: float) -> Any:
    """Draw the state at the earlier time `before`, given the state `now` and the clean image.

    The mean of its distribution is the optimum reverse state of the paper, for steps of any length.
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
        Returns the expected clean image for the channels state, speckled image and noise level.
    steps
        Reverse steps of equal length; each calls the network once per draw.
    seed
        Seed of the noise, which is drawn on the CPU: the same image gives the same draws on any device.
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
    """Return what `draw` returns, for given standard normal noise: (draws, 1, H, W) for each step.

    The first noise belongs to the initial state. The last step adds none and ends in the expected clean image.
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
    """Return the integral from 0 to `time` of one minus the squared, normalised cosine."""
    angles = (_angle(0), _angle(time))
    first, last = (angle + math.sin(angle) * math.cos(angle) for angle in angles)
    return time - (1 + OFFSET) / math.pi * (last - first) / math.cos(angles[0]) ** 2
