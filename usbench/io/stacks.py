"""Read cines, volumes and stacks one frame at a time.

A frame has the stored values as (axial, lateral) or (axial, lateral, 3); `usbench.io.frame_image` scales it.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.dicom import dicom_frame, dicom_spacing, frame_count, read_dicom_header
from usbench.io.metaimage import read_header, read_voxels
from usbench.io.video import VIDEO_SUFFIXES, video_count, video_frame, video_frames

Spacing = tuple[float, float] | None


def count(path: Path, suffix: str) -> int:
    """Return the number of frames, from the header if there is one."""
    if suffix in VIDEO_SUFFIXES:
        return video_count(path)
    if suffix in (".dcm", ".dicom"):
        return frame_count(read_dicom_header(path, pixels=False))
    if suffix in (".mha", ".mhd"):
        return math.prod(read_header(path).size[2:])
    if suffix in (".nii", ".nii.gz"):
        return math.prod(map(int, _nifti(path).shape[2:]))
    stack = _array(path, suffix)
    return len(stack) if stack is not None else 1


def frames(path: Path, suffix: str) -> Iterator[np.ndarray]:
    """Yield every frame."""
    if suffix in VIDEO_SUFFIXES:
        yield from video_frames(path)
    elif suffix in (".dcm", ".dicom"):
        header = read_dicom_header(path)
        for number in range(frame_count(header)):
            yield dicom_frame(header, number)
    elif suffix in (".mha", ".mhd"):
        yield from _planes(path)[0]
    elif suffix in (".nii", ".nii.gz"):
        volume, total = _nifti(path), count(path, suffix)
        for number in range(total):
            yield _slice(volume, number)
    else:
        stack = _array(path, suffix)
        if stack is None:
            raise ImageError(f"The image {path} has only one frame.")
        yield from stack


def frame(path: Path, suffix: str, number: int) -> tuple[np.ndarray, Spacing]:
    """Return one frame, and the pixel size in mm or None.

    Raises
    ------
    ImageError
        If there are fewer frames.
    """
    if suffix in VIDEO_SUFFIXES:
        return video_frame(path, number), None
    if suffix in (".dcm", ".dicom"):
        header = read_dicom_header(path)
        _within(number, frame_count(header), path)
        return dicom_frame(header, number), dicom_spacing(header)
    if suffix in (".mha", ".mhd"):
        planes, spacing = _planes(path)
        _within(number, len(planes), path)
        return planes[number], spacing
    if suffix in (".nii", ".nii.gz"):
        volume = _nifti(path)
        _within(number, count(path, suffix), path)
        zooms = volume.header.get_zooms()
        return _slice(volume, number), (float(zooms[1]), float(zooms[0]))
    stack = _array(path, suffix)
    _within(number, 1 if stack is None else len(stack), path)
    if stack is None:
        raise ImageError(f"The image {path} has only one frame.")
    return stack[number], None


def _planes(path: Path) -> tuple[np.ndarray, Spacing]:
    voxels, header = read_voxels(path)
    tail = 3 if header.channels > 1 else 2
    if len(header.size) < 2:
        raise ImageError(f"The MetaImage {path} has {len(header.size)} axis where a plane is expected.")
    return voxels.reshape(-1, *voxels.shape[-tail:]), (header.spacing[1], header.spacing[0])


def _nifti(path: Path) -> Any:
    import nibabel

    volume = nibabel.load(path)
    if len(volume.shape) < 2:  # type: ignore[attr-defined]
        raise ImageError(f"The NIfTI file {path} has shape {volume.shape} where planes are expected.")  # type: ignore[attr-defined]
    return volume


def _slice(volume: Any, number: int) -> np.ndarray:
    """Return plane `number` over the axes after the second, the third fastest; NIfTI stores (lateral, axial)."""
    rest = volume.shape[2:]
    place = np.unravel_index(number, rest, order="F") if rest else ()
    return np.asarray(volume.dataobj[(slice(None), slice(None), *(int(n) for n in place))]).T


def _array(path: Path, suffix: str) -> np.ndarray | None:
    """Return the frames of a TIFF, NPY, MAT or HDF5 file if it has several, (frames, axial, lateral[, 3])."""
    from usbench.io.readers import READERS

    if suffix in (".tif", ".tiff", ".npy", ".mat", ".h5", ".hdf5"):
        values, _ = READERS[suffix](path)
        colour = values.ndim >= 3 and values.shape[-1] in (3, 4) and min(values.shape[-3:-1]) > 4
        if values.ndim - colour == 3:
            return values
        if values.ndim - colour > 3:
            raise ImageError(f"The file {path} has shape {values.shape} where frames of one image are expected.")
    return None


def _within(number: int, total: int, path: Path) -> None:
    if not 0 <= number < total:
        raise ImageError(f"The file {path} has {total} frames where frame {number} is expected.")
