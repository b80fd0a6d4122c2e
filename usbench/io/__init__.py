"""Read and write grey images: PNG, TIFF, BMP, JPEG, DICOM, NIfTI, NPY, MAT and HDF5.

Integer grey is divided by the largest value of its stored bits. Floating-point grey must be in [0, 1], because any
other scaling would be a guess. Every problem with a file is an `ImageError` that names it.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError, UsageError
from usbench.io.grey import BT_601, weighted_grey
from usbench.io.readers import MOST_PIXELS, READERS, suffix_of
from usbench.io.writers import WRITERS

SUFFIXES = frozenset(READERS)


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


def read_image(path: Path | str) -> GreyImage:
    """Return the image of a file, or its first frame.

    Raises
    ------
    ImageError
        If the file is missing, unreadable, truncated, of an unknown kind, empty, or not an image in [0, 1].
    """
    path = Path(path)
    stack, spacing = _read(path)
    frame = stack[0] if stack.ndim >= 3 and not _is_colour(stack) else stack
    return _grey(frame, spacing, path)


def read_with_colour(path: Path | str) -> tuple[GreyImage, np.ndarray | None]:
    """Return the image of a file, and its colour (axial, lateral, 3) in [0, 1] if it is in colour.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    path = Path(path)
    values, spacing = _read(path)
    frame = values[0] if values.ndim >= 3 and not _is_colour(values) else values
    return frame_image(frame, path, spacing)


def count_frames(path: Path | str) -> int:
    """Return the number of frames or slices of a file, from its header if it has one.

    Raises
    ------
    ImageError
        As `read_values`.
    """
    from usbench.io import stacks

    return _guarded(Path(path), lambda file, suffix: stacks.count(file, suffix))


def read_frame(path: Path | str, number: int) -> tuple[np.ndarray, tuple[float, float] | None]:
    """Return a stored frame of a cine or volume, (axial, lateral[, 3]), and the pixel size in mm.

    Raises
    ------
    ImageError
        As `read_values`, or if there are fewer frames.
    """
    from usbench.io import stacks

    return _guarded(Path(path), lambda file, suffix: stacks.frame(file, suffix, number))


def iterate_frames(path: Path | str) -> Iterator[np.ndarray]:
    """Yield the stored frames of a cine or volume one by one, or the single image of another file.

    Raises
    ------
    ImageError
        As `read_values`.
    """
    from usbench.io import stacks

    path = Path(path)
    if count_frames(path) == 1:
        yield read_values(path)
        return
    walk = _guarded(path, lambda file, suffix: stacks.frames(file, suffix))
    end = object()
    while (values := _guarded(path, lambda _file, _suffix: next(walk, end))) is not end:
        yield values


def frame_image(
    values: np.ndarray, path: Path | str, spacing: tuple[float, float] | None = None
) -> tuple[GreyImage, np.ndarray | None]:
    """Return the image of a stored frame, and its colour if it has any; `path` is for error messages.

    Raises
    ------
    ImageError
        If it is neither in [0, 1] nor of whole numbers.
    """
    grey = _grey(values, spacing, Path(path))
    return grey, _scaled(values, Path(path))[0][..., :3].astype(np.float32) if grey.was_colour else None


def read_values(path: Path | str) -> np.ndarray:
    """Return the stored values of a file without scaling: for masks and labels.

    Raises
    ------
    ImageError
        If the file is missing, unreadable, truncated, of an unknown kind or empty.
    """
    path = Path(path)
    values, _ = _read(path)
    frame = values[0] if values.ndim >= 3 and not _is_colour(values) else values
    if frame.size == 0:
        raise ImageError(f"The image {path} is empty ({' x '.join(map(str, frame.shape))}).")
    if frame.size > MOST_PIXELS:
        raise ImageError(f"The image {path} has {frame.size} values; more than {MOST_PIXELS} are not read.")
    return frame


def read_mask(path: Path | str) -> np.ndarray:
    """Return a mask as a boolean array (axial, lateral): grey from half of the range on, or any label except 0.

    Images whose largest value is below half of the range are label images (0, 1, 2, ...).

    Raises
    ------
    ImageError
        As `read_image`.
    """
    grey = read_image(path)
    return grey.pixels >= 0.5 if grey.pixels.max(initial=0) >= 0.5 else grey.pixels > 0


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


def _read(path: Path) -> tuple[np.ndarray, tuple[float, float] | None]:
    return _guarded(path, lambda file, suffix: READERS[suffix](file))


def _guarded(path: Path, reader: Callable[[Path, str], Any]) -> Any:
    """Return the result of a reader; every problem with the file is an ImageError."""
    suffix = suffix_of(path)
    if path.is_dir():
        raise ImageError(f"{path} is a directory, not an image.")
    if not path.is_file():
        raise ImageError(f"The image {path} does not exist.")
    if suffix not in READERS:
        raise ImageError(f"{path} is of an unknown kind; known are {', '.join(sorted(SUFFIXES))}.")
    if path.stat().st_size == 0:
        raise ImageError(f"The image {path} is empty: it has no bytes.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reader(path, suffix)
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(f"The image {path} claims a size that does not fit into memory.") from None
    except Exception as error:  # decoders may raise anything
        reason = str(error).strip().splitlines()
        detail = reason[0][:200] if reason else type(error).__name__
        raise ImageError(f"The image {path} cannot be read as {suffix}: {detail.rstrip('.')}.") from None


def _grey(frame: np.ndarray, spacing: tuple[float, float] | None, path: Path) -> GreyImage:
    if frame.size == 0:
        raise ImageError(f"The image {path} is empty ({' x '.join(map(str, frame.shape))}).")
    if frame.size > MOST_PIXELS:
        raise ImageError(f"The image {path} has {frame.size} values; more than {MOST_PIXELS} are not read.")
    scaled, bits = _scaled(frame, path)
    colour = _is_colour(frame)
    if colour:
        channels = scaled[..., :3]
        is_grey = float(np.ptp(channels, axis=-1).max()) == 0
        scaled, colour = (channels[..., 0], False) if is_grey else (weighted_grey(channels, BT_601), True)
    if scaled.ndim != 2:
        raise ImageError(f"The image {path} has shape {frame.shape} where a 2-D grey or RGB image is expected.")
    return GreyImage(np.ascontiguousarray(scaled, np.float32), bits, spacing, colour)


def _scaled(frame: np.ndarray, path: Path) -> tuple[np.ndarray, int]:
    if frame.dtype == bool:
        return frame.astype(np.float64), 8
    if frame.dtype.kind == "u":
        bits = 8 * frame.dtype.itemsize
        return frame / float(2**bits - 1), min(bits, 16)
    if frame.dtype.kind == "i":
        least, most = int(frame.min()), int(frame.max())
        if least < 0 or most > 65535:
            raise ImageError(f"The image {path} holds integers from {least} to {most} where 0 to 65535 are expected.")
        return (frame / 255.0, 8) if most <= 255 else (frame / 65535.0, 16)
    if frame.dtype.kind == "f":
        low, high = float(frame.min()), float(frame.max())
        if not (np.isfinite(low) and np.isfinite(high)):
            raise ImageError(f"The image {path} has values that are not finite (NaN or infinity).")
        if low < 0 or high > 1:
            raise ImageError(f"The image {path} holds values from {low:.4g} to {high:.4g} where [0, 1] is expected.")
        return frame, 32
    raise ImageError(f"The image {path} holds {frame.dtype} values where grey numbers are expected.")


def _is_colour(stack: np.ndarray) -> bool:
    return stack.ndim == 3 and stack.shape[-1] in (3, 4) and min(stack.shape[:2]) > 4


def image_files(folder: Path) -> list[Path]:
    """Return the image files below a folder in the order of their names, without masks and annotations.

    These are files in folders called `masks`, and files whose names end in `_mask` or `_Annotation`.

    Raises
    ------
    UsageError
        If the folder does not exist or holds no image.
    """
    if not folder.is_dir():
        raise UsageError(f"The image folder {folder} does not exist.")
    files = (path for path in folder.rglob("*") if suffix_of(path) in SUFFIXES and path.is_file())
    found = sorted(path for path in files if not _is_mask(path))
    if not found:
        raise UsageError(f"The folder {folder} holds no image ({', '.join(sorted(SUFFIXES))}).")
    return found


def _is_mask(path: Path) -> bool:
    stem = path.stem.lower()
    return path.parent.name.lower() == "masks" or "_mask" in stem or stem.endswith("_annotation")
