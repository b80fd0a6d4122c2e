"""Write an image in [0, 1] as each kind of file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

Spacing = tuple[float, float] | None


def _quantised(pixels: np.ndarray, bits: int) -> np.ndarray:
    if bits > 16:
        return pixels
    return np.round(pixels * (2**bits - 1)).astype(np.uint16 if bits > 8 else np.uint8)


def _write_picture(path: Path, pixels: np.ndarray, bits: int, spacing: Spacing) -> None:
    from PIL import Image

    Image.fromarray(_quantised(pixels, 8 if path.suffix.lower() == ".bmp" else min(bits, 16))).save(path)


def _write_tiff(path: Path, pixels: np.ndarray, bits: int, spacing: Spacing) -> None:
    import tifffile

    tifffile.imwrite(path, _quantised(pixels, bits))


def _write_nifti(path: Path, pixels: np.ndarray, bits: int, spacing: Spacing) -> None:
    import nibabel

    axial, lateral = spacing or (1.0, 1.0)
    nibabel.save(nibabel.Nifti1Image(_quantised(pixels, bits).T, np.diag([lateral, axial, 1.0, 1.0])), path)


def _write_npy(path: Path, pixels: np.ndarray, bits: int, spacing: Spacing) -> None:
    np.save(path, _quantised(pixels, bits))


def _write_mat(path: Path, pixels: np.ndarray, bits: int, spacing: Spacing) -> None:
    import scipy.io

    scipy.io.savemat(path, {"image": _quantised(pixels, bits)})


def _write_hdf5(path: Path, pixels: np.ndarray, bits: int, spacing: Spacing) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["image"] = _quantised(pixels, bits)


WRITERS: dict[str, Callable[[Path, np.ndarray, int, Spacing], None]] = {
    **dict.fromkeys((".png", ".bmp"), _write_picture),
    **dict.fromkeys((".tif", ".tiff"), _write_tiff),
    **dict.fromkeys((".nii", ".nii.gz"), _write_nifti),
    ".npy": _write_npy,
    ".mat": _write_mat,
    **dict.fromkeys((".h5", ".hdf5"), _write_hdf5),
}
