"""Cine loops in AVI, MP4, MOV and MKV, with PyAV.

PyAV decodes in the process, frame by frame, and gives the size of a file's video before decoding, which imageio-ffmpeg
does not. It is an optional dependency, `usbench[video]`.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError

VIDEO_SUFFIXES = frozenset((".avi", ".mp4", ".mov", ".mkv", ".m4v"))
MOST_PIXELS = 100_000_000
MOST_FRAMES = 200_000
H264 = {2: ("libx264rgb", "rgb24"), 3: ("libx264rgb", "rgb24")}  # by axes of a frame; not exact for grey
FFV1 = {2: ("ffv1", "gray"), 3: ("ffv1", "bgr0")}
LOSSLESS = {".avi": FFV1, ".mkv": FFV1, ".mov": H264, ".m4v": H264, ".mp4": H264}


def video_frames(path: Path) -> Iterator[np.ndarray]:
    """Yield the frames one by one: (rows, columns) uint8 of grey videos, (rows, columns, 3) of others.

    Raises
    ------
    ImageError
        If PyAV is missing, or the file has no video or cannot be decoded.
    """
    av = _av(path)
    try:
        with av.open(str(path), metadata_errors="ignore", timeout=(60, 60)) as container:
            stream = _stream(container, path)
            stream.codec_context.thread_count = 1  # decoding threads can wait for each other in a damaged file
            for number, frame in enumerate(container.decode(stream)):
                if number >= MOST_FRAMES or frame.width * frame.height > MOST_PIXELS:
                    raise ImageError(
                        f"The video {path} has more than {MOST_FRAMES} frames or frames that are too large."
                    )
                grey = frame.format.name.startswith("gray")
                yield frame.to_ndarray(format="gray" if grey else "rgb24")
    except av.error.FFmpegError as error:
        raise ImageError(f"The video {path} cannot be decoded: {error.strerror or error}.") from None


def video_frame(path: Path, number: int) -> np.ndarray:
    """Return one frame. All frames before it are decoded, which is exact in every format.

    Raises
    ------
    ImageError
        As `video_frames`, or if there are fewer frames.
    """
    at = -1
    for at, frame in enumerate(video_frames(path)):
        if at == number:
            return frame
    raise ImageError(f"The video {path} has {at + 1} frames where frame {number} is expected.")


def video_count(path: Path) -> int:
    """Return the number of frames, as stated by the file or else counted."""
    av = _av(path)
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            stated = int(_stream(container, path).frames)
    except av.error.FFmpegError as error:
        raise ImageError(f"The video {path} cannot be decoded: {error.strerror or error}.") from None
    return stated if 0 < stated <= MOST_FRAMES else sum(1 for _ in video_frames(path))


def video_rate(path: Path) -> Fraction:
    """Return the frames per second; 25 if the file does not say."""
    av = _av(path)
    with av.open(str(path), metadata_errors="ignore") as container:
        return Fraction(_stream(container, path).average_rate or 25).limit_denominator(1000)


def write_video(path: Path, frames: Iterator[np.ndarray], rate: Fraction) -> None:
    """Write frames, (rows, columns[, 3]) uint8, losslessly: FFV1 in AVI and MKV, else H.264 at quantiser 0."""
    av = _av(path)
    with av.open(str(path), "w") as container:
        stream: Any = None
        for frame in frames:
            if stream is None:
                codec, layout = LOSSLESS[path.suffix.lower()][frame.ndim]
                options = {} if codec == "ffv1" else {"qp": "0", "preset": "medium"}
                stream = container.add_stream(codec, rate=rate, options=options)
                stream.width, stream.height, stream.pix_fmt = frame.shape[1], frame.shape[0], layout
            layout = "gray" if frame.ndim == 2 else "rgb24"
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format=layout)
            for packet in stream.encode(picture):
                container.mux(packet)
        if stream is not None:
            for packet in stream.encode():
                container.mux(packet)


def _av(path: Path) -> Any:
    try:
        import av
    except ImportError:
        raise ImageError(f"The video {path} needs the package av: `pip install av`.") from None
    return av


def _stream(container: Any, path: Path) -> Any:
    if not container.streams.video:
        raise ImageError(f"The file {path} holds no video.")
    return container.streams.video[0]
