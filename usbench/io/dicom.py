"""DICOM: frames of any photometric interpretation, ultrasound regions and pixel size."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError

MOST_PIXELS = 100_000_000
MOST_FRAMES = 100_000
CENTIMETRE = 3  # code of PhysicalUnitsXDirection
TISSUE, PLANE = 1, 1  # codes of RegionDataType and RegionSpatialFormat
RESCALED = (2, 3, 4)  # factors by which an export may have reduced the image


@dataclass(frozen=True)
class Region:
    """A part of the screen that shows tissue.

    Attributes
    ----------
    rows, columns
        Of the stored frame.
    spacing
        (axial, lateral) of a stored pixel in mm; None if the region is not in centimetres.
    """

    rows: slice
    columns: slice
    spacing: tuple[float, float] | None


def read_dicom_header(path: Path, pixels: bool = True) -> Any:
    """Return the pydicom data set, after checking that its pixels can be decoded and its size is plausible.

    Raises
    ------
    ImageError
        If it is not a DICOM image, claims an impossible size, or cannot be decompressed here.
    """
    import pydicom
    from pydicom.pixels import get_decoder

    header = pydicom.dcmread(path, stop_before_pixels=not pixels, defer_size=None)
    rows, columns = (int(header.get(key) or 0) for key in ("Rows", "Columns"))
    if rows < 1 or columns < 1:
        raise ImageError(f"The DICOM file {path} holds no image: it has no rows or columns.")
    if rows * columns > MOST_PIXELS or not 0 <= frame_count(header) <= MOST_FRAMES:
        raise ImageError(f"The DICOM file {path} claims {frame_count(header)} frames of {columns} x {rows} pixels.")
    syntax = getattr(header.file_meta, "TransferSyntaxUID", None)
    if syntax is None:
        raise ImageError(f"The DICOM file {path} does not say how its pixels are stored (no transfer syntax).")
    if not syntax.is_compressed or syntax.is_deflated:
        needed = rows * columns * int(header.get("SamplesPerPixel", 1)) * (int(header.get("BitsAllocated", 8)) // 8)
        if pixels and len(header.get("PixelData") or b"") < needed:
            raise ImageError(f"The DICOM file {path} is cut short: its pixel data end before one frame is full.")
        return header
    try:
        decoder = get_decoder(syntax)
        available = decoder.is_available
    except NotImplementedError:
        available = False
    if not available:
        message = "which is not decoded here; with `pip install pylibjpeg[all]` it may be"
        raise ImageError(f"The DICOM file {path} is compressed as {syntax.name}, {message}.")
    return header


def frame_count(header: Any) -> int:
    """Return the number of frames."""
    return int(header.get("NumberOfFrames", 1) or 1)


def dicom_frame(header: Any, number: int = 0) -> np.ndarray:
    """Return a frame (rows, columns[, 3]): uint8 or uint16, or float in [0, 1].

    MONOCHROME1 is inverted, YBR becomes RGB, and palettes are applied. Grey stored in 10 or 12 bits is scaled so that
    the largest value of these bits is 1.
    """
    from pydicom.pixels import apply_color_lut, pixel_array

    values = pixel_array(header, index=number)
    bits = int(header.get("BitsStored", 8))
    photometric = header.get("PhotometricInterpretation")
    if photometric == "PALETTE COLOR":
        values = apply_color_lut(values, header)
        bits = 8 * values.dtype.itemsize
    elif photometric == "MONOCHROME1":
        values = (2**bits - 1) - values.astype(np.int64)
        values = np.clip(values, 0, 2**bits - 1).astype(np.uint8 if bits <= 8 else np.uint16)
    if values.dtype.kind in "iu" and bits not in (8, 16):
        values = np.clip(values, 0, None) / float(2**bits - 1)
    elif values.dtype.kind == "i":
        values = np.clip(values, 0, None).astype(np.uint8 if bits == 8 else np.uint16)
    return values


def dicom_spacing(header: Any) -> tuple[float, float] | None:
    """Return the pixel size (axial, lateral) in mm of the first tissue region, or of the image; None if unknown."""
    spaced = [region.spacing for region in dicom_regions(header, anywhere=True) if region.spacing]
    if spaced:
        return spaced[0]
    if header.get("PixelSpacing"):
        axial, lateral = header.PixelSpacing
        return float(axial), float(lateral)
    return None


def dicom_regions(header: Any, anywhere: bool = False) -> list[Region]:
    """Return the regions that show tissue in a plane.

    A file may have been rescaled or cropped after its regions were recorded. If they exceed the frame in both
    directions, the image was reduced: the smallest of the factors 2, 3 and 4 that makes all regions fit is used, and
    pixels are larger by it. If they exceed it in one direction only, the frame was cropped at an unknown place, and no
    region is returned unless `anywhere`, which is for the pixel size.
    """
    try:
        items = [item for item in header.get("SequenceOfUltrasoundRegions") or [] if "RegionLocationMaxX1" in item]
        right, below = (
            max((int(item[key].value) for item in items), default=0)
            for key in ("RegionLocationMaxX1", "RegionLocationMaxY1")
        )
        wide, high = right - int(header.Columns), below - int(header.Rows)
        factor = 1
        if wide > 0 and high > 0:
            fits = (n for n in RESCALED if right / n <= header.Columns and below / n <= header.Rows)
            factor = next(fits, 0)
        elif (wide > 0 or high > 0) and not anywhere:
            return []
        tissue = [item for item in items if item.get("RegionDataType") == TISSUE]
        return [_region(item, factor) for item in tissue if item.get("RegionSpatialFormat") == PLANE] if factor else []
    except (KeyError, TypeError, ValueError, AttributeError):
        return []  # a malformed region


def _region(item: Any, factor: int) -> Region:
    x0, y0, x1, y1 = (
        int(item[f"RegionLocation{corner}"].value) // factor for corner in ("MinX0", "MinY0", "MaxX1", "MaxY1")
    )
    spacing = None
    if item.get("PhysicalUnitsXDirection") == CENTIMETRE and item.get("PhysicalUnitsYDirection", 3) == CENTIMETRE:
        axial, lateral = (10 * factor * abs(float(item[f"PhysicalDelta{axis}"].value)) for axis in "YX")
        spacing = (axial, lateral) if axial > 0 and lateral > 0 else None
    return Region(slice(y0, y1 + 1), slice(x0, x1 + 1), spacing)
