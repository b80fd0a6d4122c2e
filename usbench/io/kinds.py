"""Kinds of files: by suffix, and DICOM by content too."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from usbench.io.image_file import ImageFile

DICOM_SUFFIXES = frozenset((".dcm", ".dicom"))
VIDEO_SUFFIXES = frozenset((".avi", ".mp4", ".mov", ".mkv", ".m4v"))

# Suffix -> module and class, imported when a file of the kind is opened.
KINDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".png",), ("pictures", "PngFile")),
    **dict.fromkeys((".jpg", ".jpeg"), ("pictures", "JpegFile")),
    ".bmp": ("pictures", "BmpFile"),
    ".gif": ("gif", "GifFile"),
    **dict.fromkeys((".tif", ".tiff"), ("tiff", "TiffFile")),
    **dict.fromkeys(DICOM_SUFFIXES, ("dicom_file", "DicomFile")),
    **dict.fromkeys(VIDEO_SUFFIXES, ("video_file", "VideoFile")),
    **dict.fromkeys((".nii", ".nii.gz"), ("nifti", "NiftiFile")),
    **dict.fromkeys((".mha", ".mhd"), ("metaimage_file", "MetaImageFile")),
    ".nrrd": ("nrrd", "NrrdFile"),
    ".npy": ("numpy_files", "NpyFile"),
    ".npz": ("numpy_files", "NpzFile"),
    ".mat": ("matlab", "MatFile"),
    **dict.fromkeys((".h5", ".hdf5"), ("hdf5", "Hdf5File")),
}
SUFFIXES = frozenset(KINDS)
FAMILIES = ((".mha", ".mhd"), (".dcm", ".dicom"), (".jpg", ".jpeg"), (".tif", ".tiff"), (".h5", ".hdf5"))
PICTURES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff"))
PICTURE_MARKS = (
    (b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"BM", ".bmp"), (b"GIF8", ".gif"),
    (b"II*\0", ".tif"), (b"MM\0*", ".tif"), (b"II+\0", ".tif"), (b"MM\0+", ".tif"),
)  # fmt: skip
DICOM_MARK, DICOM_MARK_AT = b"DICM", 128
DICOM_DIRECTORY = b"1.2.840.10008.1.3.10"


def suffix_of(path: Path) -> str:
    """Return the lower-case suffix; `.nii.gz` counts as one."""
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()


def kind_of(path: Path) -> str:
    """Return the suffix that stands for the kind of a file: `.dcm` for DICOM of any name, empty if it is unknown.

    Scanners export DICOM without a suffix (`IM_0001`) or with a UID as name, and public sets have PNG files called
    `.bmp`: pictures are of the kind that their first bytes say.
    """
    suffix = suffix_of(path)
    if suffix in PICTURES:
        return _picture_kind(path) or suffix
    if suffix in KINDS:
        return suffix
    return ".dcm" if dicom_mark(path) and not is_dicomdir(path) else ""


def _picture_kind(path: Path) -> str:
    """Return the suffix of a picture by its first bytes; empty if they are of no picture."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError:
        return ""
    return next((suffix for mark, suffix in PICTURE_MARKS if start.startswith(mark)), "")


def same_kind(one: str, other: str) -> bool:
    """Return whether two suffixes are of one kind, such as `.mha` and `.mhd`."""
    return one == other or any(one in family and other in family for family in FAMILIES)


def dicom_mark(path: Path) -> bool:
    """Return whether a file has the mark of a DICOM file."""
    try:
        with path.open("rb") as stream:
            return stream.read(DICOM_MARK_AT + len(DICOM_MARK))[DICOM_MARK_AT:] == DICOM_MARK
    except OSError:
        return False


def is_dicomdir(path: Path) -> bool:
    """Return whether a file is a DICOMDIR: an index of DICOM files, without an image."""
    if not dicom_mark(path):
        return False
    with path.open("rb") as stream:
        return DICOM_DIRECTORY in stream.read(1024)


def load_kind(suffix: str) -> "type[ImageFile]":
    """Return the class that reads and writes files of a kind."""
    module, name = KINDS[suffix]
    return getattr(importlib.import_module(f"usbench.io.{module}"), name)
