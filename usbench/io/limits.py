"""Limits of what is read. A file's claims are checked against them before memory is allocated."""

import os
import zlib
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import BinaryIO

from usbench.core.errors import ImageError, UsageError

PIXELS = 150_000_000  # of one image, such as 12,000 x 9,000
FRAMES = 200_000  # of one file
FILE_BYTES = 4 * 2**30  # of what is unpacked from one file
CHUNK = 2**20


def most_pixels() -> int:
    """Return the largest number of pixels of an image: `USBENCH_MAX_PIXELS`, or 150 million.

    Raises
    ------
    UsageError
        If the variable is not a whole number above 0.
    """
    text = os.environ.get("USBENCH_MAX_PIXELS", "") or str(PIXELS)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise UsageError(f"USBENCH_MAX_PIXELS is {text[:40]!r} where a whole number above 0 is expected.")
    return int(text)


def check_size(path: Path, plane: Sequence[int], frames: int = 1, item_bytes: int = 1) -> None:
    """Refuse an image or a stack that claims more than is read.

    Parameters
    ----------
    path
        For the message.
    plane
        Rows and columns, or columns and rows.
    frames
        Images in the file.
    item_bytes
        Bytes of a pixel.

    Raises
    ------
    ImageError
        With the claim and the limit.
    """
    most = most_pixels()
    if prod(map(int, plane)) > most:
        claim = f"{frames} frames of {' x '.join(str(int(side)) for side in plane)} pixels"
        raise ImageError(f"{path} claims {claim}; more than {most:,} a frame are not read (USBENCH_MAX_PIXELS).")
    if not 0 <= frames <= FRAMES:
        raise ImageError(f"{path} claims {frames} frames; more than {FRAMES:,} are not read.")
    claimed = prod(map(int, plane)) * frames * item_bytes
    if claimed > FILE_BYTES:
        raise ImageError(f"{path} claims {claimed:,} bytes of pixels; more than {FILE_BYTES:,} are not read.")


def unpacked(stream: BinaryIO, wanted: int, path: Path, *, wbits: int = zlib.MAX_WBITS) -> bytes:
    """Return the first `wanted` bytes of a zlib or gzip stream; nothing beyond them is unpacked.

    Parameters
    ----------
    wbits
        As of `zlib.decompressobj`; 31 for gzip.

    Raises
    ------
    ImageError
        If the stream is damaged or ends before.
    """
    parts: list[bytes] = []
    left = wanted
    inflater = zlib.decompressobj(wbits)
    packed = b""
    try:
        while left > 0:
            if inflater.eof:  # gzip files may have several members
                packed, inflater = inflater.unused_data, zlib.decompressobj(wbits)
            packed = packed or stream.read(CHUNK)
            if not packed:
                break
            parts.append(inflater.decompress(packed, min(left, 2**24)))
            packed = inflater.unconsumed_tail
            left -= len(parts[-1])
    except zlib.error as error:
        raise ImageError(f"The image {path} is damaged: {error}.") from None
    if left > 0:
        raise ImageError(f"The image {path} is cut short: {left:,} of {wanted:,} bytes are missing.")
    return b"".join(parts)


def is_longer(stream: BinaryIO, most: int, *, wbits: int, skip: Callable[[bytes], None] = lambda _: None) -> bool:
    """Return whether a compressed stream unpacks to more than `most` bytes, without keeping them."""
    inflater, total = zlib.decompressobj(wbits), 0
    packed = b""
    while not inflater.eof and (packed := packed or stream.read(CHUNK)):
        part = inflater.decompress(packed, 2**24)
        total += len(part)
        packed = inflater.unconsumed_tail
        if total > most:
            return True
    return False
