"""Decode each kind of file to an array of stored values, and the pixel size in mm or None."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from usbench.core.errors import ImageError

MOST_PIXELS = 100_000_000
MOST_LABELS = 16  # palette PNGs that use fewer entries are label images

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
    from usbench.io.dicom import dicom_frame, dicom_spacing, read_dicom_header

    header = read_dicom_header(path)
    return dicom_frame(header), dicom_spacing(header)


def _read_video(path: Path) -> Decoded:
    from usbench.io.video import video_frame

    return video_frame(path, 0), None


def _read_nifti(path: Path) -> Decoded:
    import nibabel

    volume = nibabel.load(path)
    shape = volume.shape  # type: ignore[attr-defined]
    if len(shape) < 2:
        raise ImageError(f"The image {path} has shape {shape} where a slice or a stack of slices is expected.")
    if shape[0] * shape[1] > MOST_PIXELS:
        raise ImageError(f"The image {path} claims {shape[0]} x {shape[1]} pixels, which is not read.")
    first = (slice(None), slice(None), *(0 for _ in shape[2:]))
    zooms = volume.header.get_zooms()  # type: ignore[attr-defined]
    return np.asarray(volume.dataobj[first]).T, (float(zooms[1]), float(zooms[0]))  # type: ignore[attr-defined]


def _read_metaimage(path: Path) -> Decoded:
    from usbench.io.metaimage import read_voxels

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
    **dict.fromkeys((".avi", ".mp4", ".mov", ".mkv", ".m4v"), _read_video),
    **dict.fromkeys((".nii", ".nii.gz"), _read_nifti),
    **dict.fromkeys((".mha", ".mhd"), _read_metaimage),
    ".npy": _read_npy,
    ".mat": _read_mat,
    **dict.fromkeys((".h5", ".hdf5"), _read_hdf5),
}
