"""Read each kind of file, despeckle it plane by plane, and write the same kind of file."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from usbench.apply.dicom import rewrite_dicom
from usbench.apply.planes import Despeckle, despeckled, white_of
from usbench.core.errors import ImageError
from usbench.io.readers import suffix_of

Rewriter = Callable[[Path, Path, Despeckle, str], None]


def rewrite(source: Path, target: Path, despeckle: Despeckle, derivation: str) -> None:
    """Write the despeckled copy of a file.

    Parameters
    ----------
    source, target
        Of the same kind.
    despeckle
        Takes and returns (axial, lateral) float32 in [0, 1].
    derivation
        Derivation Description of a DICOM result.

    Raises
    ------
    ImageError
        If the file cannot be read, or does not have grey or colour planes.
    """
    suffix = suffix_of(source)
    if suffix not in REWRITERS:
        raise ImageError(f"{source} cannot be despeckled: files with {suffix or 'no suffix'} cannot be written.")
    REWRITERS[suffix](source, target, despeckle, derivation)


def _stack(values: np.ndarray, despeckle: Despeckle, name: str) -> np.ndarray:
    """Return planes (..., axial, lateral[, 3]) despeckled one by one."""
    white = white_of(values, name)
    colour = values.ndim >= 3 and values.shape[-1] in (3, 4) and min(values.shape[-3:-1]) > 4
    tail = 3 if colour else 2
    if values.ndim < tail:
        raise ImageError(f"The image {name} has shape {values.shape} where planes are expected.")
    planes = values.reshape(-1, *values.shape[-tail:])
    return np.stack([despeckled(plane, white, despeckle) for plane in planes]).reshape(values.shape)


def _picture(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    from PIL import Image

    from usbench.io import read_values

    result = _stack(read_values(source), despeckle, str(source))
    with Image.open(source) as stored:
        kept = {key: stored.info[key] for key in ("dpi", "icc_profile", "exif") if stored.info.get(key)}
    options: dict[str, Any] = {"quality": 100, "subsampling": 0} if suffix_of(target) in (".jpg", ".jpeg") else {}
    if suffix_of(target) == ".bmp":
        kept.pop("icc_profile", None)
        kept.pop("exif", None)
    Image.fromarray(result).save(target, **options, **kept)


def _tiff(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    import tifffile

    with tifffile.TiffFile(source) as stored:
        values = stored.asarray()
        page: Any = stored.pages[0]
        tags = {
            name: page.tags[name].value
            for name in ("XResolution", "YResolution", "ResolutionUnit")
            if name in page.tags
        }
        text = page.description
    options: dict[str, Any] = {"photometric": "rgb" if values.shape[-1] in (3, 4) and values.ndim > 2 else "minisblack"}
    if "XResolution" in tags and "YResolution" in tags:
        options["resolution"] = tuple(a / b for a, b in (tags["XResolution"], tags["YResolution"]) if b)
        options["resolutionunit"] = int(tags.get("ResolutionUnit", 2))
    plain = text if text.isascii() and not text.startswith("{") else None
    tifffile.imwrite(target, _stack(values, despeckle, str(source)), description=plain, metadata=None, **options)


def _nifti(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    import nibabel

    volume: Any = nibabel.load(source)
    stored = np.asanyarray(volume.dataobj)
    planes = np.moveaxis(stored, (1, 0), (-2, -1))
    result = np.moveaxis(_stack(planes, despeckle, str(source)), (-2, -1), (1, 0))
    nibabel.save(volume.__class__(np.ascontiguousarray(result), volume.affine, volume.header), target)


def _metaimage(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    from usbench.io.metaimage import read_voxels, write_voxels

    voxels, header = read_voxels(source)
    write_voxels(target, _stack(voxels, despeckle, str(source)), header)


def _npy(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    np.save(target, _stack(np.load(source, allow_pickle=False), despeckle, str(source)))


def _mat(source: Path, target: Path, despeckle: Despeckle, derivation: str) -> None:
    import h5py
    import scipy.io

    if h5py.is_hdf5(source):
        _hdf5(source, target, despeckle, derivation)
        return
    stored = {key: value for key, value in scipy.io.loadmat(source).items() if not key.startswith("__")}
    name = _only([key for key, value in stored.items() if _is_image(value)], source)
    turned = np.moveaxis(stored[name], -1, 0) if stored[name].ndim == 3 and stored[name].shape[-1] > 4 else stored[name]
    result = _stack(turned, despeckle, str(source))
    stored[name] = np.moveaxis(result, 0, -1) if turned is not stored[name] else result
    scipy.io.savemat(target, stored)


def _hdf5(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    import h5py

    shutil.copyfile(source, target)
    found: list[str] = []
    with h5py.File(target, "r+") as stored:
        stored.visititems(lambda key, item: found.append(key) if _is_image(item) else None)
        item = stored[_only(found, source)]
        item[...] = _stack(item[()], despeckle, str(source))


def _video(source: Path, target: Path, despeckle: Despeckle, _: str) -> None:
    from usbench.io.video import video_frames, video_rate, write_video

    def frames() -> Iterator[np.ndarray]:
        for frame in video_frames(source):
            yield despeckled(frame, 255.0, despeckle)

    write_video(target, frames(), video_rate(source))


def _is_image(value: Any) -> bool:
    return hasattr(value, "dtype") and value.dtype.kind in "uif" and len(value.shape) >= 2 and min(value.shape) > 1


def _only(names: list[str], source: Path) -> str:
    if len(names) != 1:
        raise ImageError(
            f"The file {source} holds {len(names)} arrays of two or more dimensions where one is expected."
        )
    return names[0]


REWRITERS: dict[str, Rewriter] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".bmp"), _picture),
    **dict.fromkeys((".tif", ".tiff"), _tiff),
    **dict.fromkeys((".dcm", ".dicom"), rewrite_dicom),
    **dict.fromkeys((".nii", ".nii.gz"), _nifti),
    ".mha": _metaimage,
    ".npy": _npy,
    ".mat": _mat,
    **dict.fromkeys((".h5", ".hdf5"), _hdf5),
    **dict.fromkeys((".avi", ".mp4", ".mov", ".mkv", ".m4v"), _video),
}
