"""DICOM compression that pydicom does not decode with Pillow: JPEG Lossless, 12-bit JPEG, JPEG-LS and deep JPEG 2000.

pydicom calls this module as a decoder plugin; imagecodecs decodes with libjpeg-turbo, CharLS and OpenJPEG.
"""

from typing import Any

from pydicom import uid
from pydicom.pixels import get_decoder

LABEL = "imagecodecs"
DECODERS = {
    uid.JPEGExtended12Bit: "jpeg_decode",
    uid.JPEGLossless: "jpeg_decode",
    uid.JPEGLosslessSV1: "jpeg_decode",
    uid.JPEGLSLossless: "jpegls_decode",
    uid.JPEGLSNearLossless: "jpegls_decode",
    uid.JPEG2000Lossless: "jpeg2k_decode",
    uid.JPEG2000: "jpeg2k_decode",
    uid.HTJ2KLossless: "jpeg2k_decode",
    uid.HTJ2KLosslessRPCL: "jpeg2k_decode",
    uid.HTJ2K: "jpeg2k_decode",
}
DECODER_DEPENDENCIES = dict.fromkeys(DECODERS, ("imagecodecs",))


def is_available(syntax: str) -> bool:
    """Return whether images of a transfer syntax are decoded here."""
    return syntax in DECODERS


def decode_frame(source: bytes, runner: Any) -> bytes:
    """Return the pixels of an encoded frame, by pixel, with as many bytes a sample as the decoder gives."""
    import imagecodecs

    values = getattr(imagecodecs, DECODERS[runner.transfer_syntax])(source)
    expected = (runner.rows, runner.columns) + ((runner.samples_per_pixel,) if runner.samples_per_pixel > 1 else ())
    if values.shape != expected:
        raise ValueError(f"a frame has shape {values.shape} where {expected} is expected")
    runner.set_option("bits_allocated", 8 * values.dtype.itemsize)
    runner.set_option("planar_configuration", 0)
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def register() -> None:
    """Make pydicom use this module where it has no decoder of its own, or one that fails."""
    for syntax in DECODERS:
        decoder = get_decoder(syntax)
        if LABEL not in decoder.available_plugins:
            decoder.add_plugin(LABEL, (__name__, "decode_frame"))
