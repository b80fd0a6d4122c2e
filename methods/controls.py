"""Controls: results that no method should fall behind and that no metric should reward."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import Method, MethodCard, PlaneMethod

if TYPE_CHECKING:
    import torch

FAMILY = "control"
RIDGE, LINES = 2.0, 2.0  # pixels, and how strongly ridges are drawn


@dataclass(frozen=True)
class Identity(Method):
    """Return the input: the untouched image that every method is compared with."""

    name = "identity"
    card = MethodCard(title="Untouched input", family=FAMILY)

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the image as it is."""
        return image.clone()


@dataclass(frozen=True)
class Constant(Method):
    """Fill the image with its mean, which removes all speckle and all anatomy."""

    name = "constant"
    card = MethodCard(title="Mean of the image everywhere", family=FAMILY)

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return each image's mean at all its pixels."""
        return image.mean(dim=(2, 3), keepdim=True).expand_as(image).clone()


@dataclass(frozen=True)
class Blur(PlaneMethod):
    """Blur with a Gaussian: speckle goes and detail with it. It is what every despeckler has to beat.

    Parameters
    ----------
    sigma
        Standard deviation in pixels.
    """

    name = "blur"
    card = MethodCard(title="Gaussian blur", family=FAMILY)

    sigma: Annotated[float, Field(gt=0, le=50)] = 2.0

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the blurred image."""
        return _blurred(image, self.sigma)


@dataclass(frozen=True)
class HalfBlur(PlaneMethod):
    """Return the mean of the image and its blur: half of the speckle stays, and half of the detail.

    Parameters
    ----------
    sigma
        Standard deviation of the Gaussian in pixels.
    """

    name = "half-blur"
    card = MethodCard(title="Half untouched, half Gaussian blur", family=FAMILY)

    sigma: Annotated[float, Field(gt=0, le=50)] = 4.0

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the mixture."""
        return 0.5 * image + 0.5 * _blurred(image, self.sigma)


@dataclass(frozen=True)
class Sharpen(PlaneMethod):
    """Sharpen by unsharp masking: speckle and detail grow.

    Parameters
    ----------
    amount
        What is added of the difference from a blur of 2 pixels.
    """

    name = "sharpen"
    card = MethodCard(title="Unsharp mask", family=FAMILY)

    amount: Annotated[float, Field(gt=0, le=5)] = 0.5

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the sharpened image."""
        return np.clip(image + self.amount * (image - _blurred(image, 2.0)), 0, 1)


@dataclass(frozen=True)
class Filaments(PlaneMethod):
    """Draw speckle into a network of bright lines, as networks do that were trained to undo a blur.

    Ridges of the image (a negative second derivative across, at the scale of the grain) are added to its blur.
    """

    name = "filaments"
    card = MethodCard(title="Ridges drawn into lines", family=FAMILY)

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the blur with ridges."""
        from scipy.ndimage import gaussian_filter

        smooth = image.astype(np.float64)
        along, across, both = (gaussian_filter(smooth, RIDGE, order=order) for order in ((2, 0), (0, 2), (1, 1)))
        least = (along + across) / 2 - np.hypot((along - across) / 2, both)
        lines = LINES * RIDGE**2 * np.maximum(-least, 0)
        return np.clip(_blurred(image, 3.0) + lines, 0, 1).astype(np.float32)


@dataclass(frozen=True)
class StoredImage(PlaneMethod):
    """Return a clean picture that has nothing to do with the input: smooth, sharp at its borders, and wrong."""

    name = "stored-image"
    card = MethodCard(title="The same clean image for every input", family=FAMILY)

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return discs on a slope, whatever the image."""
        rows, columns = (np.linspace(0, 1, extent) for extent in image.shape)
        picture = 0.3 + 0.2 * rows[:, None] + np.zeros(columns.size)
        for row, column, radius, level in ((0.3, 0.3, 0.15, 0.1), (0.6, 0.7, 0.2, 0.7), (0.8, 0.2, 0.1, 0.9)):
            picture[np.hypot(rows[:, None] - row, columns - column) < radius] = level
        return picture.astype(np.float32)


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(image.astype(np.float64), sigma, mode="nearest").astype(np.float32)
