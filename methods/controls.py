"""Controls: results that no method should fall behind and no metric should reward."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usbench.core.method import Method, MethodCard

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Identity(Method):
    """Return the input: the untouched image that every method is compared with."""

    name = "identity"
    card = MethodCard(title="Untouched input", family="control")

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the image as it is."""
        return image.clone()


@dataclass(frozen=True)
class Constant(Method):
    """Fill the image with its mean, which removes all speckle and all anatomy."""

    name = "constant"
    card = MethodCard(title="Mean of the image everywhere", family="control")

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return each image's mean at all its pixels."""
        return image.mean(dim=(2, 3), keepdim=True).expand_as(image).clone()
