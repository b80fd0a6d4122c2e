"""MetaImage as a file of planes."""

import math
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import ImageFile, Spacing
from usbench.io.limits import check_size
from usbench.io.metaimage import Header, read_header, read_voxels, write_voxels


class MetaImageFile(ImageFile):
    """MetaImage: `.mha`, or `.mhd` with its voxels beside it."""

    @cached_property
    def header(self) -> Header:
        """The header."""
        header = read_header(self.path)
        if len(header.size) < 2:
            raise ImageError(f"The MetaImage {self.path} has {len(header.size)} axis where a plane is expected.")
        check_size(self.path, header.size[:2], math.prod(header.size[2:]), header.channels * header.dtype.itemsize)
        return header

    def count(self) -> int:
        """Return the number of planes."""
        return math.prod(self.header.size[2:])

    @cached_property
    def _stack(self) -> np.ndarray:
        check = self.header
        voxels, _ = read_voxels(self.path)
        return voxels.reshape(-1, *voxels.shape[-(3 if check.channels > 1 else 2) :])

    def plane(self, number: int) -> np.ndarray:
        """Return a plane."""
        return np.asarray(self._stack[number], dtype=self._stack.dtype.newbyteorder("="))

    def spacing(self) -> Spacing:
        """Return the size of a pixel."""
        return self.header.spacing[1], self.header.spacing[0]

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the voxels with all lines of the header, into the header's file or beside it as the target has it."""
        voxels = np.stack(list(planes)).reshape(self._shape)
        write_voxels(target, voxels, self.header)

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.header.size[::-1] + ((self.header.channels,) if self.header.channels > 1 else ())
