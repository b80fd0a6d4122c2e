"""Grey images in and out: PNG, TIFF, BMP, JPEG, DICOM, NIfTI, NPY, MAT and HDF5.

Integer grey is divided by the largest value of its stored bits; floating-point grey must be in [0, 1] already, because
any other scaling would be a guess. Everything that is wrong with a file is one `ImageError` that names it.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from usbench.errors import ImageError

PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class GreyImage:
    """A grey image with what is needed to write it back as it was.

    Attributes
    ----------
    pixels
        (axial, lateral), float32 in [0, 1].
    bits
        8 or 16 for integers, 32 for floating point.
    spacing
        Pixel size (axial, lateral) in mm, or None if the file does not say.
    was_colour
        Whether the file held colour, of which this is the luminance.
    """

    pixels: np.ndarray
    bits: int = 8
    spacing: tuple[float, float] | None = None
    was_colour: bool = False


def read_image(path: Path | str) -> GreyImage:
    """Return the image of a file; of several frames, the first.

    Raises
    ------
    ImageError
        If the file is missing, unreadable, truncated, of an unknown kind, empty, or not an image in [0, 1].
    """
    path = Path(path)
    stack, spacing = _read(path)
    frame = stack[0] if stack.ndim >= 3 and not _is_colour(stack) else stack
    return _grey(frame, spacing, path)


def read_mask(path: Path | str) -> np.ndarray:
    """Return a mask as a boolean array (axial, lateral): grey of half the range or more, or any label but 0.

    Images whose largest value is below half of the range are label images (0, 1, 2, ...), as many sets store them.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    grey = read_image(path)
    return grey.pixels >= 0.5 if grey.pixels.max(initial=0) >= 0.5 else grey.pixels > 0


def write_image(path: Path | str, pixels: np.ndarray, like: GreyImage | None = None) -> None:
    """Write an image in [0, 1] as PNG, TIFF, BMP, NPY, NIfTI, MAT or HDF5, by the suffix.

    Parameters
    ----------
    path
        Overwritten if it exists.
    pixels
        (axial, lateral) in [0, 1]; values outside are clipped.
    like
        What was read before: its bits and spacing are kept. Pictures are 8 bit without it.

    Raises
    ------
    ImageError
        If the suffix is not one of those, or the file cannot be written.
    """
    path = Path(path)
    pixels = np.clip(np.asarray(pixels, dtype=np.float32), 0, 1)
    bits = like.bits if like else 8
    suffix = _suffix(path)
    if suffix not in _WRITERS:
        raise ImageError(f"{path} cannot be written: {suffix or 'no suffix'} is none of {', '.join(sorted(_WRITERS))}.")
    try:
        _WRITERS[suffix](path, pixels, bits, like.spacing if like else None)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from None


def _read(path: Path) -> tuple[np.ndarray, tuple[float, float] | None]:
    suffix = _suffix(path)
    if path.is_dir():
        raise ImageError(f"{path} is a directory, not an image.")
    if not path.is_file():
        raise ImageError(f"The image {path} does not exist.")
    if suffix not in _READERS:
        raise ImageError(f"{path} is of an unknown kind; known are {', '.join(sorted(SUFFIXES))}.")
    if path.stat().st_size == 0:
        raise ImageError(f"The image {path} is empty: it has no bytes.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _READERS[suffix](path)
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(f"The image {path} claims a size that does not fit into memory.") from None
    except Exception as error:  # decoders raise whatever they meet
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
        grey_all_along = float(np.ptp(channels, axis=-1).max()) == 0
        scaled, colour = (channels[..., 0], False) if grey_all_along else (channels @ np.array(LUMA), True)
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
        low, high = int(frame.min()), int(frame.max())
        if low < 0 or high > 65535:
            raise ImageError(f"The image {path} holds integers from {low} to {high} where 0 to 65535 are expected.")
        return (frame / 255.0, 8) if high <= 255 else (frame / 65535.0, 16)
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


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()


def _read_picture(path: Path) -> tuple[np.ndarray, None]:
    from PIL import Image

    with Image.open(path) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ImageError(f"The image {path} claims {picture.width} x {picture.height} pixels, which is not read.")
        picture.load()
        if picture.mode in ("P", "PA"):
            palette_is_labels = path.suffix.lower() == ".png" and max(picture.getextrema()) < 16  # type: ignore[type-var]
            picture = picture.copy() if palette_is_labels else picture.convert("RGB")
        elif picture.mode not in ("1", "L", "I", "I;16", "I;16B", "F", "RGB", "RGBA"):
            picture = picture.convert("RGB" if picture.mode in ("CMYK", "YCbCr", "LAB", "HSV") else "L")
        values = np.asarray(picture)
    return (values.astype(np.uint16) if picture.mode.startswith("I") and values.max(initial=0) > 255 else values), None


def _read_tiff(path: Path) -> tuple[np.ndarray, None]:
    import tifffile

    return np.asarray(tifffile.imread(path)), None


def _read_dicom(path: Path) -> tuple[np.ndarray, tuple[float, float] | None]:
    import pydicom
    from pydicom.pixels import pixel_array

    header = pydicom.dcmread(path)
    values = pixel_array(header)
    bits = int(header.get("BitsStored", 8))
    if header.get("PhotometricInterpretation") == "MONOCHROME1":
        values = (2**bits - 1) - values
    if header.get("PhotometricInterpretation") == "PALETTE COLOR":
        from pydicom.pixels import apply_color_lut

        values = apply_color_lut(values, header)
        bits = 8 * values.dtype.itemsize
    if values.dtype.kind in "iu" and bits not in (8, 16):
        values = np.clip(values, 0, None) / float(2**bits - 1)
    frames = int(header.get("NumberOfFrames", 1) or 1)
    return (values[0] if frames > 1 else values), _dicom_spacing(header)


def _dicom_spacing(header) -> tuple[float, float] | None:
    if "PixelSpacing" in header:
        axial, lateral = header.PixelSpacing
        return float(axial), float(lateral)
    regions = header.get("SequenceOfUltrasoundRegions")
    if regions and "PhysicalDeltaX" in regions[0] and regions[0].get("PhysicalUnitsXDirection") == 3:
        return 10 * abs(float(regions[0].PhysicalDeltaY)), 10 * abs(float(regions[0].PhysicalDeltaX))
    return None


def _read_nifti(path: Path) -> tuple[np.ndarray, tuple[float, float]]:
    import nibabel

    volume = nibabel.load(path)
    values = np.asarray(volume.dataobj)  # type: ignore[attr-defined]
    zooms = volume.header.get_zooms()  # type: ignore[attr-defined]
    while values.ndim > 2:
        values = values[..., 0]
    if values.ndim != 2:
        raise ImageError(f"The image {path} has shape {values.shape} where a slice or a stack of slices is expected.")
    return values.T, (float(zooms[1]), float(zooms[0]))


def _read_npy(path: Path) -> tuple[np.ndarray, None]:
    return np.load(path, allow_pickle=False), None


def _read_mat(path: Path) -> tuple[np.ndarray, None]:
    import h5py
    import scipy.io

    if h5py.is_hdf5(path):
        values, _ = _read_hdf5(path)
        return values.T, None
    arrays = [a for a in scipy.io.loadmat(path).values() if isinstance(a, np.ndarray) and a.dtype.kind in "buif"]
    return _only_image(arrays, path), None


def _read_hdf5(path: Path) -> tuple[np.ndarray, None]:
    import h5py

    found: list[np.ndarray] = []
    with h5py.File(path) as file:
        file.visititems(
            lambda _, item: found.append(item[()]) if isinstance(item, h5py.Dataset) and item.ndim else None
        )
    return _only_image(found, path), None


def _only_image(arrays: list[np.ndarray], path: Path) -> np.ndarray:
    images = [array for array in arrays if array.ndim >= 2 and min(array.shape) > 1]
    if len(images) != 1:
        raise ImageError(f"The file {path} holds {len(images)} arrays of two or more dimensions where one is expected.")
    return images[0]


def _quantised(pixels: np.ndarray, bits: int) -> np.ndarray:
    if bits > 16:
        return pixels
    return np.round(pixels * (2**bits - 1)).astype(np.uint16 if bits > 8 else np.uint8)


def _write_picture(path: Path, pixels: np.ndarray, bits: int, spacing: tuple[float, float] | None) -> None:
    from PIL import Image

    Image.fromarray(_quantised(pixels, 8 if path.suffix.lower() == ".bmp" else min(bits, 16))).save(path)


def _write_tiff(path: Path, pixels: np.ndarray, bits: int, spacing: tuple[float, float] | None) -> None:
    import tifffile

    tifffile.imwrite(path, _quantised(pixels, bits))


def _write_nifti(path: Path, pixels: np.ndarray, bits: int, spacing: tuple[float, float] | None) -> None:
    import nibabel

    axial, lateral = spacing or (1.0, 1.0)
    nibabel.save(nibabel.Nifti1Image(_quantised(pixels, bits).T, np.diag([lateral, axial, 1.0, 1.0])), path)  # type: ignore[attr-defined]


def _write_npy(path: Path, pixels: np.ndarray, bits: int, spacing: tuple[float, float] | None) -> None:
    np.save(path, _quantised(pixels, bits))


def _write_mat(path: Path, pixels: np.ndarray, bits: int, spacing: tuple[float, float] | None) -> None:
    import scipy.io

    scipy.io.savemat(path, {"image": _quantised(pixels, bits)})


def _write_hdf5(path: Path, pixels: np.ndarray, bits: int, spacing: tuple[float, float] | None) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["image"] = _quantised(pixels, bits)


_READERS: dict[str, Callable[[Path], tuple[np.ndarray, tuple[float, float] | None]]] = {
    **dict.fromkeys(PICTURES - {".tif", ".tiff"}, _read_picture),
    **dict.fromkeys((".tif", ".tiff"), _read_tiff),
    **dict.fromkeys((".dcm", ".dicom"), _read_dicom),
    **dict.fromkeys((".nii", ".nii.gz"), _read_nifti),
    ".npy": _read_npy,
    ".mat": _read_mat,
    **dict.fromkeys((".h5", ".hdf5"), _read_hdf5),
}
_WRITERS: dict[str, Callable[[Path, np.ndarray, int, tuple[float, float] | None], None]] = {
    **dict.fromkeys((".png", ".bmp"), _write_picture),
    **dict.fromkeys((".tif", ".tiff"), _write_tiff),
    **dict.fromkeys((".nii", ".nii.gz"), _write_nifti),
    ".npy": _write_npy,
    ".mat": _write_mat,
    **dict.fromkeys((".h5", ".hdf5"), _write_hdf5),
}
SUFFIXES = frozenset(_READERS)
