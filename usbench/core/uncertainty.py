"""The optional part of a method's contract: the uncertainty of each pixel."""

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from usbench.core.errors import MethodError, UsbenchError, sentence
from usbench.core.method import Method
from usbench.core.sample import Sample

if TYPE_CHECKING:
    import torch


@runtime_checkable
class Uncertain(Protocol):
    """A method of the display domain with an uncertainty."""

    def uncertainty(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the standard deviation of the despeckled image at each pixel. This call is not timed.

        Parameters
        ----------
        image
            As `despeckle` is given it: float32 tensor (B, 1, H, W) in [0, 1].

        Returns
        -------
        torch.Tensor
            float32, of the same shape and on the same device; 0 or more, in units of the display's grey range. The same
            image gives the same values.
        """


def uncertainty_of(method: Method, sample: Sample) -> np.ndarray | None:
    """Return a prepared method's standard deviation (H, W) of its result on a sample, on the CPU.

    None if the method has none, or works on envelopes, whose grey is not that of the display.

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
        deviation = method.uncertainty(image)
    except UsbenchError:
        raise
    except Exception as error:  # a user's method may raise anything
        raise MethodError(f"The uncertainty of {method.label} raised {sentence(error)}") from error
    if reason := fault(deviation, image):
        raise MethodError(f"The uncertainty of {method.label} {reason}.")
    return deviation[0, 0].numpy()


def fault(deviation: Any, image: "torch.Tensor") -> str:
    """Return what is wrong with the uncertainty of an image; empty if nothing is."""
    import torch

    if not isinstance(deviation, torch.Tensor):
        return f"is {type(deviation).__name__} where a torch tensor is expected"
    if deviation.shape != image.shape:
        return f"has shape {tuple(deviation.shape)} for an image of shape {tuple(image.shape)}"
    if deviation.dtype != torch.float32 or deviation.device != image.device:
        return f"is {deviation.dtype} on {deviation.device} where torch.float32 on {image.device} is expected"
    if not bool(torch.isfinite(deviation).all()):
        return "has values that are not finite (NaN or infinity)"
    return f"has values below 0, such as {deviation.min():.3g}" if bool((deviation < 0).any()) else ""
