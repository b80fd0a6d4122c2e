"""How each kind of file is decoded: to an array as it is stored, and the pixel size in mm if the file says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from usbench.errors import ImageError

MOST_PIXELS = 100_000_000
MOST_LABELS = 16  # palette PNGs with fewer entries in use are label images

Decoded = tuple[np.ndarray, tuple[float, float] | None]


def suffix_of(path: Path) -> str:
    """Return the lower-case suffix; `.nii.gz` counts as one."""
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()


def _read_picture(path: Path) -> Decoded:
    from PIL import Image

    with Image.open(path) as file:
        if file.width * file.height > MOST_PIXELS:
            raise ImageError(f"The image {path} claims {file.width} x {file.height} pixels, which is not read.")
        file.load()
        picture: Image.Image = file
        if picture.mode in ("P", "PA"):
            labels = path.suffix.lower() == ".png" and int(np.asarray(picture).max(initial=0)) < MOST_LABELS
            picture = picture if labels else picture.convert("RGB")
        elif picture.mode not in ("1", "L", "I", "I;16", "I;16B", "F", "RGB", "RGBA"):
            picture = picture.convert("RGB" if picture.mode in ("CMYK", "YCbCr", "LAB", "HSV") else "L")
        values = np.asarray(picture)
        deep = picture.mode.startswith("I") and values.max(initial=0) > 255
    return (values.astype(np.uint16) if deep else values), None


def _read_tiff(path: Path) -> Decoded:
    import tifffile

    return np.asarray(tifffile.imread(path)), None


def _read_dicom(path: Path) -> Decoded:
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


def _dicom_spacing(header: Any) -> tuple[float, float] | None:
    if "PixelSpacing" in header:
        axial, lateral = header.PixelSpacing
        return float(axial), float(lateral)
    regions = header.get("SequenceOfUltrasoundRegions")
    if regions and "PhysicalDeltaX" in regions[0] and regions[0].get("PhysicalUnitsXDirection") == 3:
        return 10 * abs(float(regions[0].PhysicalDeltaY)), 10 * abs(float(regions[0].PhysicalDeltaX))
    return None


def _read_nifti(path: Path) -> Decoded:
    import nibabel

    volume = nibabel.load(path)
    values = np.asarray(volume.dataobj)  # type: ignore[attr-defined]
    zooms = volume.header.get_zooms()  # type: ignore[attr-defined]
    while values.ndim > 2:
        values = values[..., 0]
    if values.ndim != 2:
        raise ImageError(f"The image {path} has shape {values.shape} where a slice or a stack of slices is expected.")
    return values.T, (float(zooms[1]), float(zooms[0]))


def _read_metaimage(path: Path) -> Decoded:
    from usbench.imageio.metaimage import read_voxels

    voxels, header = read_voxels(path)
    while voxels.ndim > 2 + (header.channels > 1):
        voxels = voxels[0]
    return voxels, (header.spacing[1], header.spacing[0]) if len(header.spacing) > 1 else None


def _read_npy(path: Path) -> Decoded:
    return np.load(path, allow_pickle=False), None


def _read_mat(path: Path) -> Decoded:
    import h5py
    import scipy.io

    if h5py.is_hdf5(path):
        values, _ = _read_hdf5(path)
        return values.T, None
    arrays = [a for a in scipy.io.loadmat(path).values() if isinstance(a, np.ndarray) and a.dtype.kind in "buif"]
    return _only_image(arrays, path), None


def _read_hdf5(path: Path) -> Decoded:
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


READERS: dict[str, Callable[[Path], Decoded]] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".bmp"), _read_picture),
    **dict.fromkeys((".tif", ".tiff"), _read_tiff),
    **dict.fromkeys((".dcm", ".dicom"), _read_dicom),
    **dict.fromkeys((".nii", ".nii.gz"), _read_nifti),
    **dict.fromkeys((".mha", ".mhd"), _read_metaimage),
    ".npy": _read_npy,
    ".mat": _read_mat,
    **dict.fromkeys((".h5", ".hdf5"), _read_hdf5),
}
