"""Whether what a method returned is a despeckled image."""

import math
from typing import TYPE_CHECKING, Any

from usbench.core.errors import MethodError
from usbench.core.method import Method

if TYPE_CHECKING:
    import torch


LOWEST, HIGHEST = -1.0, 2.0  # what overshoots less is clipped


def checked_estimate(method: Method, estimate: Any, image: "torch.Tensor") -> "torch.Tensor":
    """Return the estimate as a 2-D float32 tensor on the CPU.

    Parameters
    ----------
    method
        For the message.
    estimate
        What it returned.
    image
        What it was given, (1, 1, H, W).

    Raises
    ------
    MethodError
        If it is not a dense tensor of finite real numbers of the same shape, without a graph of gradients, or if values
        are far outside [0, 1], which is another scale and no overshoot.
    """
    import torch

    if not isinstance(estimate, torch.Tensor):
        raise MethodError(f"{method.label} returned {type(estimate).__name__} where a torch tensor is expected.")
    if unusual := _unusual(estimate):
        raise MethodError(f"{method.label} returned a {unusual} tensor; expected a dense one of real numbers.")
    if estimate.shape != image.shape:
        returned, expected = tuple(estimate.shape), tuple(image.shape)
        raise MethodError(f"{method.label} returned shape {returned} for an image of shape {expected}.")
    if estimate.requires_grad:
        raise MethodError(f"{method.label} returned a tensor that carries gradients; use torch.inference_mode().")
    plane = estimate[0, 0].to("cpu", torch.float32)
    if not math.isfinite(plane.sum()) and not torch.isfinite(plane).all():  # the sum alone is five times faster
        raise MethodError(f"{method.label} returned values that are not finite (NaN or infinity).")
    low, high = float(plane.min()), float(plane.max())
    if low < LOWEST or high > HIGHEST:
        found = f"up to {high:.4g}" if high > HIGHEST else f"down to {low:.4g}"
        raise MethodError(f"{method.label} returned values {found} where [0, 1] is expected.")
    return plane


def _unusual(estimate: "torch.Tensor") -> str:
    """Return what a tensor is that has no plain real values in memory; empty if it has."""
    import torch

    kinds = {
        "meta": estimate.is_meta,
        "nested": estimate.is_nested,
        "quantised": estimate.is_quantized,
        "sparse": estimate.layout != torch.strided,
        "complex": estimate.is_complex(),
    }
    return next((kind for kind, found in kinds.items() if found), "")
