"""Scan geometries: parallel lines, or lines that fan out from a curved array."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np


class Geometry(Protocol):
    """A scan of parallel or diverging lines; planes of lines have the shape (samples along a line, lines)."""

    @property
    def inside(self) -> np.ndarray | None:
        """Boolean (axial, lateral): pixels inside the scan; None if all are."""

    def to_lines(self, image: np.ndarray) -> np.ndarray:
        """Return an image, (axial, lateral), along the scan's lines."""

    def to_pixels(self, lines: np.ndarray) -> np.ndarray:
        """Return a plane of lines as an image, by bilinear interpolation; zero outside the scan."""


@dataclass(frozen=True)
class Linear:
    """A linear scan, in which each column is a line."""

    inside: None = None

    def to_lines(self, image: np.ndarray) -> np.ndarray:
        """Return the image."""
        return image

    def to_pixels(self, lines: np.ndarray) -> np.ndarray:
        """Return the lines."""
        return lines


@dataclass(frozen=True)
class Convex:
    """Lines that fan out from an arc, with samples 1 pixel apart and lines 1 pixel apart at half depth.

    The ends of the arc are at the top of the image, and the central line ends at its bottom.

    Parameters
    ----------
    shape
        Shape of the image.
    opening
        Angle between the outer lines in radians.
    radius
        Radius of the array in pixels.
    """

    shape: tuple[int, int]
    opening: float
    radius: float

    @cached_property
    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Return distances from the apex in pixels, and angles."""
        longest = self.shape[0] - 1 - self._apex
        distances = np.arange(self.radius, longest + 1)
        lines = max(2, round(self.opening * (self.radius + longest) / 2))
        return distances, np.linspace(-self.opening / 2, self.opening / 2, lines)

    @property
    def _apex(self) -> float:
        """Row at which the lines meet, which is above the image."""
        return -self.radius * np.cos(self.opening / 2)

    @cached_property
    def _places(self) -> np.ndarray:
        """Return (sample, line) of each pixel."""
        distances, angles = self._grid
        down, right = np.indices(self.shape, dtype=np.float64)
        down -= self._apex
        right -= (self.shape[1] - 1) / 2
        sample = np.hypot(down, right) - distances[0]
        line = (np.arctan2(right, down) - angles[0]) / (angles[1] - angles[0])
        return np.stack([sample, line])

    @cached_property
    def inside(self) -> np.ndarray:
        """Boolean (axial, lateral): pixels between the outer lines, below the arc and within the depth of the scan."""
        distances, angles = self._grid
        sample, line = self._places
        return (sample >= 0) & (sample <= len(distances) - 1) & (line >= 0) & (line <= len(angles) - 1)

    def to_lines(self, image: np.ndarray) -> np.ndarray:
        """Return an image along the scan's lines; outside the image, its edge is repeated."""
        from scipy.ndimage import map_coordinates

        distances, angles = self._grid
        rows = self._apex + distances[:, None] * np.cos(angles)
        columns = (self.shape[1] - 1) / 2 + distances[:, None] * np.sin(angles)
        return map_coordinates(image, [rows, columns], order=1, mode="nearest")

    def to_pixels(self, lines: np.ndarray) -> np.ndarray:
        """Return a plane of lines as an image, by bilinear interpolation; zero outside the scan."""
        from scipy.ndimage import map_coordinates

        return np.where(self.inside, map_coordinates(lines, self._places, order=1, mode="nearest"), 0)
