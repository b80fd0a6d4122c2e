"""Shapes and regions on a grid of pixels, for phantoms drawn in mm."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

WHOLE = (slice(None), slice(None))


@dataclass(frozen=True)
class Plane:
    """Smoothly deformed coordinates of pixels in mm, so that shapes and regions drawn with them are deformed alike.

    Attributes
    ----------
    depth, lateral
        (axial, lateral), float64: mm below the upper edge of the image, and mm to the right of its middle.
    spacing
        Side of a pixel in mm.
    """

    depth: np.ndarray
    lateral: np.ndarray
    spacing: float

    @classmethod
    def drawn(
        cls, shape: tuple[int, int], spacing: float, rng: np.random.Generator, deformation: float = 0.0
    ) -> "Plane":
        """Return the plane of an image; `deformation` is the standard deviation of the displacement in mm."""
        depth, lateral = np.meshgrid(*axes(shape, spacing), indexing="ij")
        if deformation:
            depth += smooth_field(rng, shape, 4, deformation)
            lateral += smooth_field(rng, shape, 4, deformation)
        return cls(depth, lateral, spacing)

    @property
    def size(self) -> tuple[float, float]:
        """Height and width in mm."""
        height, width = self.depth.shape
        return height * self.spacing, width * self.spacing

    def distance(self, depth: float, lateral: float, part: tuple[slice, slice] = WHOLE) -> np.ndarray:
        """Return each pixel's distance from a point in mm; `part` are the rows and columns of pixels."""
        return np.hypot(self.depth[part] - depth, self.lateral[part] - lateral)

    def part_around(self, depth: float, lateral: float, reach: float) -> tuple[slice, slice]:
        """Return the rows and columns with all pixels within `reach` mm of a point."""
        ends = []
        for at, grid, displaced in zip((depth, lateral), self._undeformed, self._displaced, strict=True):
            first, past = np.searchsorted(grid, (at - reach - displaced, at + reach + displaced))
            ends.append(slice(int(first), int(past)))
        rows, columns = ends
        return rows, columns

    @cached_property
    def _undeformed(self) -> tuple[np.ndarray, np.ndarray]:
        height, width = self.depth.shape
        return axes((height, width), self.spacing)

    @cached_property
    def _displaced(self) -> tuple[float, float]:
        """Largest displacement along each axis in mm, with a margin for rounding."""
        depth, lateral = self._undeformed
        return (
            float(np.abs(self.depth - depth[:, None]).max()) + 1e-6,
            float(np.abs(self.lateral - lateral).max()) + 1e-6,
        )

    def radius_in(self, centre: tuple[float, float], half_axes: tuple[float, float], angle: float = 0.0) -> np.ndarray:
        """Return the normalised radius of each pixel in an ellipse: 0 at its centre, 1 on its border.

        `half_axes` are along depth and lateral before the ellipse is rotated by `angle` (radians).
        """
        down, right = self.depth - centre[0], self.lateral - centre[1]
        along = np.cos(angle) * down + np.sin(angle) * right
        across = np.cos(angle) * right - np.sin(angle) * down
        return np.hypot(along / half_axes[0], across / half_axes[1])

    def pixels(self, mm: float) -> float:
        """Return a length in pixels."""
        return mm / self.spacing


def axes(shape: tuple[int, int], spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the depth of each row and the lateral place of each column in mm, where nothing is deformed."""
    height, width = shape
    return (np.arange(height) + 0.5) * spacing, (np.arange(width) - (width - 1) / 2) * spacing


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, int], knots: int, deviation: float, mean: float = 0.0
) -> np.ndarray:
    """Return a random smooth field, interpolated by cubic splines from `knots` x `knots` normal values."""
    from scipy.ndimage import zoom

    factors = tuple(extent / knots for extent in shape)
    return zoom(rng.normal(mean, deviation, (knots, knots)), factors, order=3, mode="nearest", grid_mode=True)


def wave(lateral: np.ndarray, rng: np.random.Generator, height: float, length: float) -> np.ndarray:
    """Return a smooth line across the image, in mm of depth: a random sine of about that amplitude and period in mm."""
    return (
        height * rng.uniform(0.4, 1) * np.sin(2 * np.pi * (lateral / (length * rng.uniform(0.8, 1.3)) + rng.random()))
    )


def inset(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Return a region eroded by so many pixels; the edge of the image is not a border."""
    from scipy.ndimage import distance_transform_edt

    return mask if mask.all() else distance_transform_edt(mask) > pixels


def ring(mask: np.ndarray, near: float, far: float) -> np.ndarray:
    """Return the ring around a region, between `near` and `far` pixels from it."""
    from scipy.ndimage import distance_transform_edt

    distance = distance_transform_edt(~mask)
    return (distance > near) & (distance <= far)


def grain(
    rng: np.random.Generator, shape: tuple[int, int], axial: float, lateral: float, angle: float = 0.0
) -> np.ndarray:
    """Return oriented texture, (axial, lateral), of mean 0 and standard deviation 1.

    Parameters
    ----------
    axial, lateral
        Standard deviations in pixels of the Gaussian that filters white noise, before the rotation.
    angle
        Angle in radians by which the texture descends to the right.
    """
    frequency = np.meshgrid(np.fft.fftfreq(shape[0]), np.fft.rfftfreq(shape[1]), indexing="ij")
    across = np.cos(angle) * frequency[0] - np.sin(angle) * frequency[1]
    along = np.cos(angle) * frequency[1] + np.sin(angle) * frequency[0]
    response = np.exp(-2 * (np.pi * axial * across) ** 2 - 2 * (np.pi * lateral * along) ** 2)
    texture = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) * response, shape)
    return (texture - texture.mean()) / texture.std()
