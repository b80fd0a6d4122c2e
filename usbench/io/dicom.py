"""DICOM: frames of any photometric interpretation, ultrasound regions and pixel size."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import Region
from usbench.io.limits import check_size, is_longer, most_pixels

CENTIMETRE = 3  # code of PhysicalUnitsXDirection
TISSUE, PLANE = 1, 1  # codes of RegionDataType and RegionSpatialFormat
RESCALED = (2, 3, 4)  # factors by which an export may have reduced the image
DEFLATED = "1.2.840.10008.1.2.1.99"
VIDEO = frozenset(f"1.2.840.10008.1.2.4.10{number}" for number in range(9))  # MPEG-2, H.264 and HEVC


def read_dicom_header(path: Path, pixels: bool = True) -> Any:
    """Return the pydicom data set, after checking that its pixels can be decoded and its size is plausible.

    Raises
    ------
    ImageError
        If it is not a DICOM image, claims an impossible size, or cannot be decompressed here.
    """
    import pydicom

    _check_deflated(path)
    header = pydicom.dcmread(path, stop_before_pixels=not pixels, defer_size=None)
    rows, columns = (int(header.get(key) or 0) for key in ("Rows", "Columns"))
    if rows < 1 or columns < 1:
        raise ImageError(f"The DICOM file {path} holds no image: it has no rows or columns.")
    check_size(path, (columns, rows), frame_count(header))
    if int(header.get("BitsAllocated", 8) or 0) not in (8, 16, 32):
        raise ImageError(f"The DICOM file {path} has {header.get('BitsAllocated')} bits a pixel, which is no grey.")
    syntax = getattr(header.file_meta, "TransferSyntaxUID", None)
    if syntax is None:
        raise ImageError(f"The DICOM file {path} does not say how its pixels are stored (no transfer syntax).")
    if syntax in VIDEO:
        return header
    if not syntax.is_private and (not syntax.is_compressed or syntax.is_deflated):
        _check_length(header, path) if pixels else None
    elif not _is_decoded(syntax):
        raise ImageError(f"The DICOM file {path} is compressed as {syntax.name}, which is not decoded here.")
    return header


def _check_length(header: Any, path: Path) -> None:
    from pydicom.pixels.utils import get_expected_length

    needed = get_expected_length(header, unit="bytes") // max(1, frame_count(header))
    if len(header.get("PixelData") or b"") < needed:
        raise ImageError(f"The DICOM file {path} is cut short: its pixel data end before one frame is full.")


def _is_decoded(syntax: Any) -> bool:
    from pydicom.pixels import get_decoder

    from usbench.io.dicom_codecs import register

    register()
    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:
        return False


def _check_deflated(path: Path) -> None:
    """Refuse a deflated file that unpacks to more than its largest image could have."""
    from pydicom.filereader import read_file_meta_info

    with path.open("rb") as stream:
        if DEFLATED.encode() not in stream.read(1024):
            return
    meta = read_file_meta_info(path)
    if meta.get("TransferSyntaxUID") == DEFLATED:
        with path.open("rb") as stream:
            stream.seek(128 + 4 + 12 + int(meta.FileMetaInformationGroupLength))
            if is_longer(stream, 4 * most_pixels(), wbits=-zlib.MAX_WBITS):
                raise ImageError(f"The DICOM file {path} unpacks to more than {4 * most_pixels():,} bytes.")


def frame_count(header: Any) -> int:
    """Return the number of frames."""
    return int(header.get("NumberOfFrames", 1) or 1)


def is_grey(header: Any) -> bool:
    """Return whether pixels are grey values, not colours or indices of a palette."""
    return str(header.get("PhotometricInterpretation", "")).startswith("MONOCHROME")


def is_negative(header: Any) -> bool:
    """Return whether larger stored values are darker: MONOCHROME1, or a modality rescale with a negative slope."""
    falling = float(header.get("RescaleSlope", 1) or 1) < 0
    return (header.get("PhotometricInterpretation") == "MONOCHROME1") != falling


def stored_field(header: Any) -> tuple[int, int]:
    """Return the number of stored bits, and the place of the lowest; other bits may be those of an overlay.

    Raises
    ------
    ImageError
        If they are not within the allocated bits.
    """
    bits = int(header.get("BitsStored") or header.get("BitsAllocated") or 8)
    shift = int(header.get("HighBit", bits - 1)) + 1 - bits
    if not 1 <= bits <= 16 or shift < 0 or bits + shift > int(header.get("BitsAllocated", 8)):
        name = getattr(header, "filename", "")
        highest = header.get("HighBit")
        raise ImageError(
            f"The DICOM file {name} stores {bits} bits, of which {highest} is the highest: it is not read."
        )
    return bits, shift


def dicom_words(header: Any, number: int) -> np.ndarray:
    """Return a frame as decoded, without interpreting its bits; YBR becomes RGB."""
    from pydicom.pixels import pixel_array

    grey = is_grey(header) or header.get("PhotometricInterpretation") == "PALETTE COLOR"
    options: dict[str, Any] = (
        {"correct_unused_bits": False} if grey and not header.file_meta.TransferSyntaxUID.is_encapsulated else {}
    )
    words = pixel_array(header, index=number, **options)
    return words.astype(words.dtype.newbyteorder("="))


def dicom_values(header: Any, number: int = 0, words: np.ndarray | None = None) -> np.ndarray:
    """Return a frame as it is shown: (rows, columns) of the stored bits alone, or RGB.

    MONOCHROME1 is inverted and palettes are applied. Bits outside the stored ones, such as overlays, are left out;
    signed values stay signed.
    """
    words = dicom_words(header, number) if words is None else words
    photometric = header.get("PhotometricInterpretation")
    if photometric == "PALETTE COLOR":
        return _palette_colours(words, header)
    if not is_grey(header):
        bits, _ = stored_field(header)
        return words.astype(np.uint8) if bits <= 8 and words.dtype.itemsize > 1 else words
    bits, shift = stored_field(header)
    signed = bool(header.get("PixelRepresentation", 0))
    field = (words.view(f"u{words.dtype.itemsize}").astype(np.int32) >> shift) & (2**bits - 1)
    if signed:
        field -= (field >> (bits - 1)) << bits
    if is_negative(header):
        field = (-1 if signed else 2**bits - 1) - field
    return field.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")


def with_values(header: Any, words: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return grey words with other stored values: the inverse of `dicom_values`; all other bits are kept."""
    bits, shift = stored_field(header)
    field = values.astype(np.int32)
    if is_negative(header):
        field = (-1 if header.get("PixelRepresentation", 0) else 2**bits - 1) - field
    mask = (2**bits - 1) << shift
    plain = words.view(f"u{words.dtype.itemsize}")
    return ((plain.astype(np.int64) & ~mask) | ((field.astype(np.int64) << shift) & mask)).astype(plain.dtype)


def _palette_colours(words: np.ndarray, header: Any) -> np.ndarray:
    from pydicom.pixels import apply_color_lut

    bits, shift = stored_field(header)
    indices = ((words.view(f"u{words.dtype.itemsize}") >> shift) & (2**bits - 1)).astype(words.dtype)
    colours = apply_color_lut(indices, header)
    deep = colours.dtype.itemsize > 1 and colours.max(initial=0) > 255
    return (colours >> 8 if deep else colours).astype(np.uint8)


def dicom_spacing(header: Any) -> tuple[float, float] | None:
    """Return the pixel size (axial, lateral) in mm of the tissue regions, or of the image.

    None if it is unknown, or if regions have different ones: each is then that of its region alone.
    """
    spaced = {region.spacing for region in dicom_regions(header, anywhere=True) if region.spacing}
    if spaced:
        return spaced.pop() if len(spaced) == 1 else None
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
        found = [_region(item, factor) for item in tissue if item.get("RegionSpatialFormat") == PLANE] if factor else []
        return [region for number, region in enumerate(found) if region not in found[:number]]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []  # a malformed region


def shows_no_plane(header: Any) -> bool:
    """Return whether the header lists regions and none of them is a plane: a Doppler spectrum, M-mode or a trace."""
    formats = [item.get("RegionSpatialFormat") for item in header.get("SequenceOfUltrasoundRegions") or []]
    return bool(formats) and all(found not in (None, 0, PLANE) for found in formats)


def _region(item: Any, factor: int) -> Region:
    x0, y0, x1, y1 = (
        int(item[f"RegionLocation{corner}"].value) // factor for corner in ("MinX0", "MinY0", "MaxX1", "MaxY1")
    )
    spacing = None
    if item.get("PhysicalUnitsXDirection") == CENTIMETRE and item.get("PhysicalUnitsYDirection", 3) == CENTIMETRE:
        axial, lateral = (10 * factor * abs(float(item[f"PhysicalDelta{axis}"].value)) for axis in "YX")
        spacing = (axial, lateral) if axial > 0 and lateral > 0 else None
    return Region(slice(y0, y1 + 1), slice(x0, x1 + 1), spacing)
