"""A trained generator, ready to be applied to images of any size."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from usbench.weights import load_weights, read_index

if TYPE_CHECKING:
    import torch

    from .networks import UnetGenerator

SHIPPED = Path(__file__).parent / "weights"


def shipped(name: str) -> Path:
    """Return the index file of weights that the package ships."""
    return SHIPPED / f"{name}.json"


def load_generator(index: Path, device: "str | torch.device" = "cpu") -> "UnetGenerator":
    """Return a generator in evaluation mode with the weights of an index file (see `usbench.weights`)."""
    import torch

    from .networks import UnetGenerator

    network = UnetGenerator(width=int(read_index(index)["width"]))
    network.load_state_dict(load_weights(index))
    return network.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)


def translate(network: "UnetGenerator", image: "torch.Tensor") -> "torch.Tensor":
    """Return the network's output in [0, 1] for an image (B, 1, H, W) in [0, 1] of any height and width."""
    import torch

    from .tiles import apply_in_tiles

    with torch.inference_mode():
        generated = apply_in_tiles(network, 2 * image - 1)
    return ((generated + 1) / 2).clamp(0, 1).clone()


@cache
def cpu_generator(index: Path) -> "UnetGenerator":
    """Return `load_generator(index)` on the CPU, loaded once per process."""
    return load_generator(index)


def translate_plane(network: "UnetGenerator", image: np.ndarray) -> np.ndarray:
    """Return `translate` of one 2-D array."""
    import torch

    return translate(network, torch.from_numpy(np.ascontiguousarray(image, np.float32))[None, None])[0, 0].numpy()
