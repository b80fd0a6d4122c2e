"""Read and write grey images: pictures, TIFF, DICOM, NIfTI, MetaImage, NRRD, NumPy, MATLAB, HDF5 and videos.

`open_image` returns a file as planes with everything that is needed to write it back (`ImageFile`); the functions here
are shorter ways to its images. Whole numbers are scaled by the range that the file uses (`usbench.io.grey.scale_of`).
Floating-point grey must be in [0, 1], because any other scaling would be a guess. Every problem with a file is an
`ImageError` that names it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError, UsageError
from usbench.io.grey import BT_601, GreyScale, scale_of, weighted_grey
from usbench.io.image_file import ImageFile, Region, guarded
from usbench.io.kinds import SUFFIXES, kind_of, load_kind, suffix_of
from usbench.io.limits import most_pixels
from usbench.io.writers import WRITERS

__all__ = [
    "SUFFIXES", "GreyImage", "ImageFile", "Region", "count_frames", "frame_image", "image_files", "is_mask",
    "iterate_frames", "open_image", "read_frame", "read_image", "read_mask", "read_pair", "read_values",
    "read_with_colour", "suffix_of", "write_image",
]  # fmt: skip


@dataclass(frozen=True)
class GreyImage:
    """A grey image with the metadata to write it in its original format.

    Attributes
    ----------
    pixels
        (axial, lateral), float32 in [0, 1].
    bits
        8 or 16 for integers, 32 for floating point.
    spacing
        Pixel size (axial, lateral) in mm, or None if the file does not say.
    was_colour
        Whether the file was in colour; `pixels` is then the luminance.
    """

    pixels: np.ndarray
    bits: int = 8
    spacing: tuple[float, float] | None = None
    was_colour: bool = False


def open_image(path: Path | str) -> ImageFile:
    """Return a file as planes; its kind is recognised by the suffix, and DICOM by content too.

    Raises
    ------
    ImageError
        If the file is missing, empty or of an unknown kind.
    """
    path = Path(path)
    if path.is_dir():
        raise ImageError(f"{path} is a directory, not an image.")
    if not path.is_file():
        raise ImageError(f"The image {path} does not exist.")
    kind = kind_of(path)
    if not kind:
        raise ImageError(f"{path} is of an unknown kind; known are {', '.join(sorted(SUFFIXES))}.")
    if path.stat().st_size == 0:
        raise ImageError(f"The image {path} is empty: it has no bytes.")
    return guarded(path, kind, lambda: load_kind(kind)(path))


def read_image(path: Path | str, *, full_range: bool = False) -> GreyImage:
    """Return the image of a file, or its first frame.

    Parameters
    ----------
    path
        The file.
    full_range
        Whether white is the largest value of the type, even if the file uses a small part of the range: for images
        whose scale is known.

    Raises
    ------
    ImageError
        If the file is missing, unreadable, truncated, of an unknown kind, empty, or not an image in [0, 1].
    """
    return _read(path, lambda file: _first(file, full_range)[0])


def read_with_colour(path: Path | str) -> tuple[GreyImage, np.ndarray | None]:
    """Return the image of a file, and its colour (axial, lateral, 3) in [0, 1] if it is in colour.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    return _read(path, _first)


def read_pair(path: Path | str, reference: Path | str) -> tuple[GreyImage, GreyImage]:
    """Return an image and its reference on one grey scale: the wider of the two.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    found = [_read(file, lambda opened: (opened, opened.plane(0), opened.scale)) for file in (path, reference)]
    kinds = {plane.dtype.kind for _, plane, _ in found}
    widest = max((scale for _, _, scale in found), key=lambda scale: scale.white - scale.black)
    one, other = (
        _image(_checked(plane, file.path), widest if kinds == {"u"} else scale, file.path, file.spacing())[0]
        for file, plane, scale in found
    )
    return one, other


def count_frames(path: Path | str) -> int:
    """Return the number of frames or slices of a file, from its header if it has one.

    Raises
    ------
    ImageError
        As `read_values`.
    """
    return _read(path, lambda file: file.count())


def read_frame(path: Path | str, number: int) -> tuple[np.ndarray, tuple[float, float] | None]:
    """Return a stored frame of a cine or volume, (axial, lateral[, 3]), and the pixel size in mm.

    Raises
    ------
    ImageError
        As `read_values`, or if there are fewer frames.
    """

    def read(file: ImageFile) -> tuple[np.ndarray, tuple[float, float] | None]:
        total = file.count() if number else 1
        if not 0 <= number < total:
            raise ImageError(f"The file {path} has {total} frames where frame {number} is expected.")
        return file.labels(number), file.spacing()

    return _read(path, read)


def iterate_frames(path: Path | str) -> Iterator[np.ndarray]:
    """Yield the stored frames of a cine or volume one by one, or the single image of another file.

    Raises
    ------
    ImageError
        As `read_values`.
    """
    file = open_image(path)
    if type(file).values is ImageFile.values:
        walk: Iterator[np.ndarray] = file.planes()
    else:
        walk = (file.values(number) for number in range(guarded(file.path, kind_of(file.path), file.count)))
    end = object()
    while (values := guarded(file.path, kind_of(file.path), lambda: next(walk, end))) is not end:
        yield _checked(values, file.path)


def frame_image(
    values: np.ndarray, path: Path | str, spacing: tuple[float, float] | None = None
) -> tuple[GreyImage, np.ndarray | None]:
    """Return the image of a stored frame, and its colour if it has any; `path` is for error messages.

    White is the largest value of the type.

    Raises
    ------
    ImageError
        If it is neither in [0, 1] nor of whole numbers.
    """
    return _image(_checked(values, Path(path)), _full_scale(values, Path(path)), Path(path), spacing)


def read_values(path: Path | str) -> np.ndarray:
    """Return the stored values of a file without scaling: for masks and labels.

    Raises
    ------
    ImageError
        If the file is missing, unreadable, truncated, of an unknown kind or empty.
    """
    return _read(path, lambda file: _checked(file.labels(0), file.path))


def read_mask(path: Path | str) -> np.ndarray:
    """Return a mask as a boolean array (axial, lateral): grey from half of the range on, or any label except 0.

    Images whose largest value is below half of the range are label images (0, 1, 2, ...).

    Raises
    ------
    ImageError
        As `read_image`.
    """
    pixels = frame_image(read_values(path), path)[0].pixels
    return pixels >= 0.5 if pixels.max(initial=0) >= 0.5 else pixels > 0


def write_image(path: Path | str, pixels: np.ndarray, like: GreyImage | None = None) -> None:
    """Write an image in [0, 1] as PNG, TIFF, BMP, NPY, NIfTI, MAT or HDF5, according to the suffix.

    Parameters
    ----------
    path
        Overwritten if it exists.
    pixels
        (axial, lateral) in [0, 1]; values outside are clipped.
    like
        The image that was read: its bits and spacing are kept. Without it, pictures are 8 bit.

    Raises
    ------
    ImageError
        If the suffix is another, or the file cannot be written.
    """
    path = Path(path)
    pixels = np.clip(np.asarray(pixels, dtype=np.float32), 0, 1)
    bits = like.bits if like else 8
    suffix = suffix_of(path)
    if suffix not in WRITERS:
        raise ImageError(f"{path} cannot be written: {suffix or 'no suffix'} is none of {', '.join(sorted(WRITERS))}.")
    try:
        WRITERS[suffix](path, pixels, bits, like.spacing if like else None)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from None


def image_files(folder: Path) -> list[Path]:
    """Return the image files below a folder in the order of their names, without masks and annotations.

    Raises
    ------
    UsageError
        If the folder does not exist or holds no image.
    """
    if not folder.is_dir():
        raise UsageError(f"The image folder {folder} does not exist.")
    files = (path for path in folder.rglob("*") if suffix_of(path) in SUFFIXES and path.is_file())
    found = sorted(path for path in files if not is_mask(path))
    if not found:
        raise UsageError(f"The folder {folder} holds no image ({', '.join(sorted(SUFFIXES))}).")
    return found


def is_mask(path: Path) -> bool:
    """Return whether a name is that of a mask: in a folder `masks`, or with `_mask` or `_Annotation` in the name."""
    stem = path.stem.lower()
    return path.parent.name.lower() == "masks" or "_mask" in stem or stem.endswith("_annotation")


def _read(path: Path | str, reader: Callable[[ImageFile], Any]) -> Any:
    """Return the result of a reader; every problem with the file is an ImageError."""
    file = open_image(path)
    return guarded(file.path, kind_of(file.path), lambda: reader(file))


def _first(file: ImageFile, full_range: bool = False) -> tuple[GreyImage, np.ndarray | None]:
    values = _checked(file.plane(0), file.path)
    scale = _full_scale(values, file.path) if full_range else file.scale
    return _image(values, scale, file.path, file.spacing())


def _image(
    values: np.ndarray, scale: GreyScale, path: Path, spacing: tuple[float, float] | None
) -> tuple[GreyImage, np.ndarray | None]:
    if values.ndim == 3 and values.shape[-1] == 2:
        values = values[..., 0]
    if values.ndim != 2 and not (values.ndim == 3 and values.shape[-1] in (3, 4)):
        raise ImageError(f"The image {path} has shape {values.shape} where a 2-D grey or RGB image is expected.")
    grey = np.clip(scale.grey(values), 0, 1)
    colour = None
    if grey.ndim == 3:
        colour = grey[..., :3]
        if float(np.ptp(colour, axis=-1).max()) == 0:
            grey, colour = colour[..., 0], None
        else:
            grey = weighted_grey(colour, BT_601)
    bits = 32 if values.dtype.kind == "f" else 8 if values.dtype.itemsize == 1 or scale.white == 255 else 16
    pixels = np.ascontiguousarray(grey, np.float32)
    found = GreyImage(pixels, bits, spacing, colour is not None)
    return found, None if colour is None else colour.astype(np.float32)


def _full_scale(values: np.ndarray, path: Path) -> GreyScale:
    """Return the scale of the whole range of a type, from the values of one frame."""
    kind, size = values.dtype.kind, values.dtype.itemsize
    low, high = (float(values.min()), float(values.max())) if values.size and kind in "uif" else (0.0, 0.0)
    scale = scale_of(values.dtype, low, high, str(path))
    if kind == "u" and size > 1:
        return GreyScale(0, 2 ** min(8 * size, 16) - 1)
    return GreyScale(0, 255 if high <= 255 else 65535) if kind == "i" else scale


def _checked(values: np.ndarray, path: Path) -> np.ndarray:
    if values.size == 0:
        raise ImageError(f"The image {path} is empty ({' x '.join(map(str, values.shape))}).")
    if values.shape[0] * (values.shape[1] if values.ndim > 1 else 1) > most_pixels():
        raise ImageError(f"The image {path} has {values.size} values; more than {most_pixels():,} are not read.")
    return values
