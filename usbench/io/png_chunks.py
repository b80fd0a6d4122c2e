"""Chunks of PNG files: text, times, colour spaces and private chunks are carried over as they are."""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
OF_THE_PALETTE = (b"tRNS", b"bKGD", b"hIST", b"sBIT")  # they describe stored values, which are others in the result

Chunk = tuple[bytes, bytes]


def chunks(content: bytes) -> Iterator[Chunk]:
    """Yield type and data of each chunk until the end or the first damage."""
    place = len(SIGNATURE)
    while place + 8 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        yield content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        place += 12 + length


def with_chunks_of(made: bytes, original: bytes) -> bytes:
    """Return a PNG with the ancillary chunks of another, in their places before and after the pixels.

    Parameters
    ----------
    made
        The file whose pixels count.
    original
        The file whose text and metadata are kept.
    """
    before: list[Chunk] = []
    after: list[Chunk] = []
    seen_pixels = False
    for kind, data in chunks(original):
        seen_pixels |= kind == b"IDAT"
        if kind not in CRITICAL and kind not in OF_THE_PALETTE:
            (after if seen_pixels else before).append((kind, data))
    result = [SIGNATURE]
    for kind, data in chunks(made):
        if kind == b"IEND":
            result += [_packed(*chunk) for chunk in after]
        if kind in CRITICAL:
            result.append(_packed(kind, data))
        if kind == b"IHDR":
            result += [_packed(*chunk) for chunk in before]
    return b"".join(result)


def _packed(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
