"""Build generators, load their weights, and apply them to images of any size."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench.core.errors import sentence
from usbench.runtime.bf16 import computes_in_bf16
from usbench.weights.shards import WeightsError, load_weights, read_index

if TYPE_CHECKING:
    import torch
    from torch import nn

SHIPPED = Path(__file__).parent / "weights"
# The network of `gan-d`, as its weights card describes it.
RESIDUAL_UNET = {"network": "residual-unet", "width": 32, "blocks": 1, "block": "attentive"}


def shipped(name: str) -> Path:
    """Return the path of the card of weights that the package ships."""
    return SHIPPED / f"{name}.json"


def build_generator(about: Mapping[str, Any], seed: int = 0) -> "nn.Module":
    """Return an untrained generator of images in [0, 1].

    Parameters
    ----------
    about
        As in a weights card: `network` is "residual-unet" with `width`, `blocks` and `block`, or
        "speckle-unet" or "unet-256" with `width`.
    seed
        Seed of the initial weights.
    """
    import torch

    if about["network"] == "residual-unet":
        from .residual_unet import ResidualUnet

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            block = str(about.get("block", "attentive"))
            return ResidualUnet(int(about["width"]), int(about["blocks"]), block)
    if about["network"] == "speckle-unet":
        from .speckle_unet import SpeckleUnet

        return SpeckleUnet(int(about["width"]))
    if about["network"] == "unet-256":
        from .networks import initialise
        from .unit_unet import UnitUnet

        network = UnitUnet(int(about["width"]))
        initialise(network, torch.Generator().manual_seed(seed))
        return network
    raise WeightsError(
        f"The network {about['network']!r} is unknown; expected residual-unet, speckle-unet or unet-256."
    )


def load_generator(
    index: Path,
    device: "str | torch.device" = "cpu",
    exact: bool = False,
    build: "Callable[[Mapping[str, Any]], nn.Module]" = build_generator,
) -> "nn.Module":
    """Return a network in evaluation mode with the weights of a card (see `usbench.weights.shards`).

    `build` makes the network that the card describes. On a device with bf16 arithmetic the network computes in bf16,
    which takes about half the time and changes the output by less than 0.01; `exact` keeps it in float32. The memory
    format is channels last.
    """
    import torch

    try:
        network = build(read_index(index))
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError, MemoryError) as error:
        message = f"The card {index} does not describe a network: {sentence(error)}"
        raise WeightsError(message) from None
    try:
        network.load_state_dict(load_weights(index))
    except RuntimeError:
        raise WeightsError(f"The weights {index} do not fit the network that their card describes.") from None
    dtype = torch.bfloat16 if computes_in_bf16(device) and not exact else torch.float32
    network.to(device, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


@cache
def reproducible_generator(index: Path) -> "nn.Module":
    """Return `load_generator(index)` on the CPU in float64, loaded once per process.

    The order of sums depends on the processor and on the number of threads. In float64 this changes the last decimals
    only, which rounding removes: test data made by a network are the same on every machine.
    """
    return load_generator(index, exact=True).double()


def translate(network: "nn.Module", image: "torch.Tensor") -> "torch.Tensor":
    """Return the network's output in [0, 1] for an image (B, C, H, W) in [0, 1] of any height and width.

    If an accelerator runs out of memory, the height and width of the tiles are halved until they fit, which changes the
    output by some thousandths.

    Raises
    ------
    torch.OutOfMemoryError
        If the smallest tile does not fit.
    """
    import torch

    from .tiles import Tiling, apply_in_tiles

    tiling: Tiling = network.tiling  # type: ignore[assignment]
    while True:
        try:
            with torch.inference_mode():
                return apply_in_tiles(network, image, tiling).clamp_(0, 1).contiguous()
        except torch.OutOfMemoryError:
            if not tiling.divisible:
                raise
        torch.cuda.empty_cache()  # outside the handler: the exception keeps the network's allocations alive
        tiling = tiling.halved()
