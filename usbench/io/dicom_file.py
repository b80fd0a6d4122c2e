"""DICOM files in, and derived DICOM images out: new UIDs, Image Type DERIVED, a derivation description."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.dicom import (
    VIDEO,
    dicom_regions,
    dicom_spacing,
    dicom_values,
    dicom_words,
    frame_count,
    is_grey,
    read_dicom_header,
    shows_no_plane,
    stored_field,
    with_values,
)
from usbench.io.grey import GreyScale, scale_of
from usbench.io.image_file import ImageFile, Region, Spacing, extremes

LARGEST = 2**32 - 2  # bytes of an element
PALETTE = tuple(
    f"{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue", "Alpha")
    for part in ("Data", "Descriptor")
)
SEGMENTED = tuple(f"Segmented{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue", "Alpha"))
OF_A_PALETTE = (*PALETTE, *SEGMENTED, "PaletteColorLookupTableUID", "PixelPaddingValue", "PixelPaddingRangeLimit")
EXTREMES = (("SmallestImagePixelValue", np.min), ("LargestImagePixelValue", np.max))
LOST = (
    "SmallestPixelValueInSeries", "LargestPixelValueInSeries", "IconImageSequence", "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)  # fmt: skip
WORDS = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}  # bytes of an item, whose order big-endian files turn


class DicomFile(ImageFile):
    """A DICOM image with any number of frames."""

    @cached_property
    def header(self) -> Any:
        """The pydicom data set; binary words beside the pixels are little-endian."""
        header = read_dicom_header(self.path)
        if not header.original_encoding[1]:
            _swap_words(header)
        return header

    def count(self) -> int:
        """Return the number of frames."""
        return frame_count(read_dicom_header(self.path, pixels=False))

    def plane(self, number: int) -> np.ndarray:
        """Return a frame as it is shown: its stored bits, or RGB."""
        if not 0 <= number < frame_count(self.header):
            raise ImageError(f"The file {self.path} has no frame {number}.")
        if self._is_video:
            for at, frame in enumerate(self.planes()):
                if at == number:
                    return frame
        return dicom_values(self.header, number)

    def planes(self) -> Iterator[np.ndarray]:
        """Yield all frames."""
        if not self._is_video:
            for number in range(frame_count(self.header)):
                yield dicom_values(self.header, number)
            return
        from usbench.io.video import embedded_frames

        found = 0
        for frame in embedded_frames(self._stream, self.path):
            found += 1
            yield frame
        if found != frame_count(self.header):
            claimed = frame_count(self.header)
            raise ImageError(f"The DICOM file {self.path} claims {claimed} frames and its video has {found}.")

    def values(self, number: int) -> np.ndarray:
        """Return a frame: uint8 or uint16, or float in [0, 1] where other bits are stored; negatives are 0."""
        plane = np.clip(self.plane(number), 0, None)
        bits, _ = stored_field(self.header)
        if plane.dtype == np.uint8 and (bits == 8 or plane.ndim == 3):
            return plane
        return plane.astype(np.uint16) if bits == 16 else plane / float(2**bits - 1)

    @property
    def _is_video(self) -> bool:
        return self.header.file_meta.TransferSyntaxUID in VIDEO

    @property
    def _stream(self) -> bytes:
        from pydicom.encaps import generate_fragments

        return b"".join(list(generate_fragments(self.header.PixelData))[1:])  # the first is the table of offsets

    @cached_property
    def scale(self) -> GreyScale:
        """Of the stored bits; of signed grey with negative values, the range from the smallest to the largest."""
        if not is_grey(self.header):
            low, high, dtype = extremes(self.planes())
            bits = stored_field(self.header)[0] if dtype.itemsize > 1 else 8
            return scale_of(dtype, low, high, str(self.path), bits)
        bits, _ = stored_field(self.header)
        low, high = self._grey_range()
        if low >= 0:
            return scale_of(np.dtype(np.uint16), low, high, str(self.path), bits)
        note = f"values from {low} to {high} are taken as black to white"
        return GreyScale(low, max(high, low + 1), note)

    def _grey_range(self) -> tuple[int, int]:
        padding = self._padding()
        low, high = 2**16, -(2**16)
        for plane in self.planes():
            shown = plane if padding is None else plane[plane != padding]
            if shown.size:
                low, high = min(low, int(shown.min())), max(high, int(shown.max()))
        return (low, high) if low <= high else (0, 0)

    def _padding(self) -> int | None:
        """Return the value of pixels that are no image, as `plane` has it; None if there is none."""
        value = self.header.get("PixelPaddingValue")
        if value is None or not is_grey(self.header):
            return None
        words = np.full((1, 1), int(value) & 0xFFFF, np.uint16)
        words = words.view(np.int16) if self.header.get("PixelRepresentation", 0) else words
        return int(dicom_values(self.header, words=words)[0, 0])

    def why_no_scan(self) -> str:
        """Return that all regions of the header are spectra, M-mode or traces, if they are."""
        return "has no B-mode region but spectra, M-mode or traces" if shows_no_plane(self.header) else ""

    def nothing(self, plane: np.ndarray) -> np.ndarray | None:
        """Return the mask of padding."""
        padding = self._padding()
        return None if padding is None or plane.ndim != 2 else plane == padding

    def spacing(self) -> Spacing:
        """Return the pixel size of the first tissue region, or of the image."""
        return dicom_spacing(self.header)

    def regions(self) -> list[Region]:
        """Return the regions that show tissue in a plane."""
        return dicom_regions(self.header)

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the derived image, every frame of it, uncompressed.

        Grey keeps its bits, sign and photometric interpretation; bits beside the stored ones, such as overlays, and
        padding are kept. Everything else becomes RGB. UIDs of image and series are derived from the old ones and the
        derivation, so files of one series stay together and a second run gives the same.
        """
        import pydicom
        from pydicom.uid import ExplicitVRLittleEndian

        data, first = self._pixel_data(planes)
        header = self.header
        if "IconImageSequence" in header:
            self.notes.append("the icon of the original is left out")
        _mark(header, derivation)
        for key in (*LOST, *(() if is_grey(header) else OF_A_PALETTE)):
            if key in header:
                delattr(header, key)
        if not is_grey(header):
            _describe_colours(header, first)
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        _state_extremes(header, data)
        header.PixelData = data + b"\0" * (len(data) % 2)
        header["PixelData"].VR = "OB" if int(header.BitsAllocated) <= 8 else "OW"
        header["PixelData"].is_undefined_length = False
        derived = pydicom.Dataset({element.tag: element for element in header})  # decoded
        derived.file_meta, derived.preamble = header.file_meta, header.preamble
        derived.save_as(target, enforce_file_format=True, implicit_vr=False, little_endian=True)

    def _pixel_data(self, planes: Iterator[np.ndarray]) -> tuple[bytes, np.ndarray]:
        """Return the frames as bytes, and the first one."""
        parts: list[bytes] = []
        first = None
        for number, plane in enumerate(planes):
            first = plane if first is None else first
            if is_grey(self.header) and not self._is_video:
                plane = with_values(self.header, dicom_words(self.header, number), plane)
            parts.append(plane.astype(plane.dtype.newbyteorder("<")).tobytes())
            if len(parts[0]) * frame_count(self.header) > LARGEST:
                raise ImageError(
                    f"The DICOM file {self.path} is larger than 4 GB without compression, which DICOM bars."
                )
        if first is None:
            raise ImageError(f"The DICOM file {self.path} has no frames.")
        return b"".join(parts), first


def _describe_colours(header: Any, plane: np.ndarray) -> None:
    """Describe the pixels as RGB, by pixel."""
    deep = plane.dtype.itemsize > 1
    header.PhotometricInterpretation = "RGB"
    header.SamplesPerPixel, header.PlanarConfiguration, header.PixelRepresentation = 3, 0, 0
    header.BitsAllocated = 16 if deep else 8
    header.BitsStored = int(header.BitsStored) if deep else 8
    header.HighBit = header.BitsStored - 1


def _state_extremes(header: Any, data: bytes) -> None:
    """Set the smallest and the largest pixel value where the original states them."""
    for key, extreme in EXTREMES:
        if key in header:
            signed, size = int(header.PixelRepresentation), int(header.BitsAllocated) // 8
            value = int(extreme(np.frombuffer(data, f"<{'i' if signed else 'u'}{size}")))
            header.add_new(key, "SS" if signed else "US", value)


def _swap_words(header: Any) -> None:
    """Turn the bytes of binary words of a big-endian file, which pydicom keeps as they are."""
    for element in header.iterall():
        size = WORDS.get(element.VR)
        if size and isinstance(element.value, bytes) and element.keyword != "PixelData":
            element.value = np.frombuffer(element.value, f"u{size}").byteswap().tobytes()


def _mark(header: Any, derivation: str) -> None:
    """Set new UIDs of the image and its series, and the description of the derivation."""
    from pydicom.dataset import Dataset
    from pydicom.uid import generate_uid

    original = Dataset()
    original.ReferencedSOPClassUID = header.get("SOPClassUID", "1.2.840.10008.5.1.4.1.1.6.1")
    original.ReferencedSOPInstanceUID = str(
        header.get("SOPInstanceUID") or generate_uid(entropy_srcs=[os.urandom(8).hex()])
    )
    header.SOPInstanceUID = generate_uid(entropy_srcs=[original.ReferencedSOPInstanceUID, derivation, "image"])
    series = str(header.get("SeriesInstanceUID") or original.ReferencedSOPInstanceUID)
    header.SeriesInstanceUID = generate_uid(entropy_srcs=[series, derivation, "series"])
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.file_meta.MediaStorageSOPClassUID = original.ReferencedSOPClassUID
    header.SourceImageSequence = [original]
    kind = header.get("ImageType") or []
    kind = [kind] if isinstance(kind, str) else list(kind)
    header.ImageType = ["DERIVED", *(kind[1:] or ["PRIMARY"])]
    before = str(header.get("DerivationDescription") or "")
    header.DerivationDescription = f"{before}; {derivation}"[-1024:] if before else derivation[:1024]
