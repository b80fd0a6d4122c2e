"""How large a network is and how much it computes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.core.method import Method

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Work:
    """Of a method that is made of networks; None for any other.

    Attributes
    ----------
    parameters
        Trained numbers.
    macs
        Multiply-adds of convolutions and matrix products for one batch.
    """

    parameters: int | None
    macs: int | None


def work_of(method: Method, batch: "torch.Tensor") -> Work:
    """Count over the networks that the method holds once it is prepared."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    networks = [value for value in vars(method).values() if isinstance(value, torch.nn.Module)]
    if not networks:
        return Work(None, None)
    with FlopCounterMode(display=False) as counter:
        method.despeckle(batch)
    tensors = {id(tensor): tensor for network in networks for tensor in network.parameters()}
    return Work(sum(tensor.numel() for tensor in tensors.values()), counter.get_total_flops() // 2)
