"""Derived DICOM images: new UIDs, Image Type DERIVED and a derivation description; everything else is kept."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from usbench.apply.planes import Despeckle, despeckled
from usbench.io.dicom import dicom_frame, frame_count, read_dicom_header

IDENTIFYING = (
    "PatientName", "PatientID", "PatientBirthDate", "OtherPatientIDs", "PatientAddress", "PatientTelephoneNumbers",
    "AccessionNumber", "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "InstitutionName",
)  # fmt: skip
PALETTE = tuple(
    f"{colour}PaletteColorLookupTable{part}" for colour in ("Red", "Green", "Blue") for part in ("Data", "Descriptor")
)
LOST = (*PALETTE, "SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue", "IconImageSequence")


def rewrite_dicom(source: Path, target: Path, despeckle: Despeckle, derivation: str) -> None:
    """Write the derived image of a DICOM file, every frame of it, uncompressed.

    Grey keeps its stored bits and MONOCHROME1 or 2; everything else becomes 8-bit RGB. UIDs of image and series are
    derived from the old ones and the derivation, so files of one series stay together and a second run gives the same.
    """
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian

    header = read_dicom_header(source)
    grey = str(header.get("PhotometricInterpretation", "")).startswith("MONOCHROME")
    bits = int(header.BitsStored) if grey else 8
    white = 2**bits - 1
    frames = []
    for number in range(frame_count(header)):
        frame = dicom_frame(header, number)
        scale = 1.0 if frame.dtype.kind == "f" else float(np.iinfo(frame.dtype).max)
        result = despeckled(frame.astype(np.float64) / scale, 1.0, despeckle)
        stored = np.round(np.clip(result, 0, 1) * white)
        if header.PhotometricInterpretation == "MONOCHROME1":
            stored = white - stored
        frames.append(stored.astype(np.uint8 if bits <= 8 else np.uint16))
    pixels = np.stack(frames) if len(frames) > 1 else frames[0]
    _mark(header, derivation)
    for key in LOST:
        if key in header:
            delattr(header, key)
    header.SamplesPerPixel = 1 if grey else 3
    if not grey:
        header.PhotometricInterpretation = "RGB"
        header.PlanarConfiguration = 0
    header.BitsStored, header.HighBit, header.PixelRepresentation = bits, bits - 1, 0
    header.BitsAllocated = 8 if bits <= 8 else 16
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    header.PixelData = data + b"\0" * (len(data) % 2)
    header["PixelData"].VR = "OB" if bits <= 8 else "OW"
    header["PixelData"].is_undefined_length = False
    derived = pydicom.Dataset({element.tag: element for element in header})  # decoded
    derived.file_meta, derived.preamble = header.file_meta, header.preamble
    derived.save_as(target, enforce_file_format=True, implicit_vr=False, little_endian=True)


def identifying(source: Path) -> list[str]:
    """Return what identifies a person in a DICOM file: names of filled tags, and burnt-in annotation."""
    import pydicom

    header = pydicom.dcmread(source, stop_before_pixels=True)
    found = [key for key in IDENTIFYING if str(header.get(key) or "").strip("^ ")]
    burnt = str(header.get("BurnedInAnnotation") or "").upper() == "YES"
    return [*found, *(["burnt-in annotation"] if burnt else [])]


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
    kind = list(header.get("ImageType") or ["ORIGINAL", "PRIMARY"])
    header.ImageType = ["DERIVED", *(kind[1:] or ["PRIMARY"])]
    before = str(header.get("DerivationDescription") or "")
    header.DerivationDescription = f"{before}; {derivation}"[-1024:] if before else derivation[:1024]
