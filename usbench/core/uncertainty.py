"""The optional part of a method's contract: how sure it is of each pixel.

It stands apart from the contract itself: what is in that module counts into the hash of every result, and no result
depends on this.
"""

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from usbench.core.errors import MethodError, UsbenchError, sentence
from usbench.core.method import Method
from usbench.core.sample import Sample

if TYPE_CHECKING:
    import torch


@runtime_checkable
class Uncertain(Protocol):
    """A method of the display domain that tells how sure it is."""

    def uncertainty(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the standard deviation of the despeckled image at each pixel. This call is not timed.

        Parameters
        ----------
        image
            As `despeckle` is given it: float32 tensor (B, 1, H, W) in [0, 1].

        Returns
        -------
        torch.Tensor
            float32, of the same shape and on the same device; 0 or more, in units of the grey range of the display.
            The same image gives the same numbers.
        """


def uncertainty_of(method: Method, sample: Sample) -> np.ndarray | None:
    """Return the standard deviation (H, W) that a prepared method tells for its result on a sample, on the CPU.

    None if it tells none, or works on envelopes: its grey is not that of the display.

    Raises
    ------
    MethodError
        If the method raises, or returns anything but finite numbers of 0 or more in the image's shape.
    """
    import torch

    if not isinstance(method, Uncertain) or method.card.domain != "display":
        return None
    image = torch.from_numpy(np.array(sample.image))[None, None]
    try:
        told = method.uncertainty(image)
    except UsbenchError:
        raise
    except Exception as error:  # a stranger's method may raise anything
        raise MethodError(f"The uncertainty of {method.label} raised {sentence(error)}") from error
    if reason := fault(told, image):
        raise MethodError(f"The uncertainty of {method.label} {reason}.")
    return told[0, 0].numpy()


def fault(told: Any, image: "torch.Tensor") -> str:
    """Return what is wrong with an uncertainty that was told for an image; empty if nothing is."""
    import torch

    if not isinstance(told, torch.Tensor):
        return f"is {type(told).__name__} where a torch tensor is expected"
    if told.shape != image.shape:
        return f"has shape {tuple(told.shape)} for an image of shape {tuple(image.shape)}"
    if told.dtype != torch.float32 or told.device != image.device:
        return f"is {told.dtype} on {told.device} where torch.float32 on {image.device} is expected"
    if not bool(torch.isfinite(told).all()):
        return "has values that are not finite (NaN or infinity)"
    return f"has values below 0, such as {told.min():.3g}" if bool((told < 0).any()) else ""
