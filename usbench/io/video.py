"""Cine loops in AVI, MP4, MOV and MKV, with PyAV.

PyAV decodes in the process, frame by frame, and gives the size of a file's video before decoding, which imageio-ffmpeg
does not. It is an optional dependency, `usbench[video]`.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.kinds import VIDEO_SUFFIXES as VIDEO_SUFFIXES
from usbench.io.limits import FRAMES, check_size

# Codec and pixel format by the layout of a frame; H.264 is not exact for grey.
H264 = {"gray": ("libx264rgb", "rgb24"), "rgb24": ("libx264rgb", "rgb24")}
FFV1 = {
    "gray": ("ffv1", "gray"), "rgb24": ("ffv1", "bgr0"),
    **{deep: ("ffv1", deep) for deep in ("gray10le", "gray12le", "gray14le", "gray16le")},
}  # fmt: skip
LOSSLESS = {".avi": FFV1, ".mkv": FFV1, ".mov": H264, ".m4v": H264, ".mp4": H264}
OF_THE_CONTAINER = frozenset(("encoder", "major_brand", "minor_version", "compatible_brands", "duration"))


@dataclass
class Timing:
    """When frames are shown, and how a video describes its frames.

    Attributes
    ----------
    rate
        Frames per second, the mean if frames are not evenly spaced.
    base
        The unit of `times` in seconds.
    times
        Of each frame; empty if frames are evenly spaced by `rate`.
    aspect
        Width of a pixel over its height.
    metadata
        Title, comment and the like.
    """

    rate: Fraction
    base: Fraction = Fraction(1, 1000)
    times: list[int] = field(default_factory=list)
    aspect: Fraction = Fraction(1)
    metadata: Mapping[str, str] = field(default_factory=dict)


def video_frames(path: Path, *, deep: bool = False) -> Iterator[np.ndarray]:
    """Yield the frames one by one: (rows, columns) uint8 of grey videos, (rows, columns, 3) of others.

    Parameters
    ----------
    deep
        Whether grey of more than 8 bits is given as uint16 and not reduced to 8 bits.

    Raises
    ------
    ImageError
        If PyAV is missing, or the file has no video or cannot be decoded.
    """
    return _decoded(str(path), path, deep)


def embedded_frames(content: bytes, path: Path) -> Iterator[np.ndarray]:
    """Yield the frames of a video that is in memory, such as that of a DICOM file; `path` is for messages."""
    return _decoded(io.BytesIO(content), path, False)


def _decoded(source: Any, path: Path, deep: bool) -> Iterator[np.ndarray]:
    av = _av(path)
    try:
        with _opened(av, source, timeout=(60, 60)) as container:
            stream = _stream(container, path)
            stream.codec_context.thread_count = 1  # decoding threads can wait for each other in a damaged file
            for number, frame in enumerate(container.decode(stream)):
                check_size(path, (frame.width, frame.height), 1)
                if number >= FRAMES:
                    raise ImageError(f"The video {path} has more than {FRAMES:,} frames.")
                if frame.rotation:
                    raise ImageError(
                        f"The video {path} is stored turned by {frame.rotation} degrees, which is not read."
                    )
                yield frame.to_ndarray(format=_layout(frame.format.name, deep))
    except av.error.FFmpegError as error:
        raise ImageError(f"The video {path} cannot be decoded: {error.strerror or error}.") from None


def _layout(name: str, deep: bool) -> str:
    if not name.startswith("gray"):
        return "rgb24"
    return name if deep and name in FFV1 else "gray"


def video_frame(path: Path, number: int, *, deep: bool = False) -> np.ndarray:
    """Return one frame. All frames before it are decoded, which is exact in every format.

    Raises
    ------
    ImageError
        As `video_frames`, or if there are fewer frames.
    """
    at = -1
    for at, frame in enumerate(video_frames(path, deep=deep)):
        if at == number:
            return frame
    raise ImageError(f"The video {path} has {at + 1} frames where frame {number} is expected.")


def video_count(path: Path) -> int:
    """Return the number of frames, as stated by the file or else counted."""
    av = _av(path)
    try:
        with _opened(av, str(path)) as container:
            stated = int(_stream(container, path).frames)
    except av.error.FFmpegError as error:
        raise ImageError(f"The video {path} cannot be decoded: {error.strerror or error}.") from None
    return stated if 0 < stated <= FRAMES else sum(1 for _ in video_frames(path))


def video_rate(path: Path) -> Fraction:
    """Return the frames per second; 25 if the file does not say."""
    av = _av(path)
    with _opened(av, str(path)) as container:
        return Fraction(_stream(container, path).average_rate or 25).limit_denominator(1000)


def video_format(path: Path) -> tuple[str, int, int]:
    """Return the name of the pixel format, its bits, and the number of streams that are no video."""
    av = _av(path)
    with _opened(av, str(path)) as container:
        stream = _stream(container, path)
        name = str(stream.codec_context.pix_fmt)
        bits = max(component.bits for component in av.VideoFormat(name).components)
        return name, int(bits), len(container.streams) - len(container.streams.video)


def video_timing(path: Path) -> Timing:
    """Return when the frames are shown, from the packets; frames are not decoded."""
    av = _av(path)
    with _opened(av, str(path)) as container:
        stream = _stream(container, path)
        rate = Fraction(stream.average_rate or 25).limit_denominator(100_000)
        base = Fraction(stream.time_base or Fraction(1, 1000))
        times = sorted(int(packet.pts) for packet in container.demux(stream) if packet.pts is not None)
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        metadata = {key: value for key, value in container.metadata.items() if key.lower() not in OF_THE_CONTAINER}
    times = [time - times[0] for time in times]
    even = all(abs(time - number / rate / base) <= 1 for number, time in enumerate(times))
    return Timing(rate, base, [] if even else times, aspect if aspect > 0 else Fraction(1), metadata)


def write_video(path: Path, frames: Iterator[np.ndarray], timing: Fraction | Timing, layout: str = "") -> None:
    """Write frames, (rows, columns[, 3]), losslessly: FFV1 in AVI and MKV, else H.264 at quantiser 0.

    Parameters
    ----------
    timing
        Frames per second, or when each frame is shown.
    layout
        Pixel format of deep grey, such as `gray12le`; by default that of 8 bits.

    Raises
    ------
    ImageError
        If the container has no lossless codec for the frames.
    """
    av = _av(path)
    timing = timing if isinstance(timing, Timing) else Timing(timing)
    with av.open(str(path), "w") as container:
        container.metadata.update(timing.metadata)
        stream: Any = None
        for number, frame in enumerate(frames):
            kind = layout or ("gray" if frame.ndim == 2 else "rgb24")
            if stream is None:
                stream = _new_stream(container, path, frame, kind, timing)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format=kind)
            if timing.times:
                picture.pts, picture.time_base = _time(timing.times, number), timing.base
            for packet in stream.encode(picture):
                container.mux(packet)
        if stream is not None:
            for packet in stream.encode():
                container.mux(packet)


def _time(times: Sequence[int], number: int) -> int:
    return times[number] if number < len(times) else times[-1] + number - len(times) + 1


def _new_stream(container: Any, path: Path, frame: np.ndarray, kind: str, timing: Timing) -> Any:
    codecs = LOSSLESS[path.suffix.lower()]
    if kind not in codecs:
        raise ImageError(f"{path.suffix} files have no lossless {kind}; convert the video to .mkv first.")
    codec, pixels = codecs[kind]
    options = {} if codec == "ffv1" else {"qp": "0", "preset": "medium"}
    stream = container.add_stream(codec, rate=timing.rate, options=options)
    stream.width, stream.height, stream.pix_fmt = frame.shape[1], frame.shape[0], pixels
    stream.codec_context.sample_aspect_ratio = timing.aspect
    if timing.times:
        stream.codec_context.time_base = stream.time_base = timing.base
    return stream


def _av(path: Path) -> Any:
    try:
        import av
    except ImportError:
        raise ImageError(f"The video {path} needs the package av: `pip install av`.") from None
    return av


def _opened(av: Any, source: Any, **options: Any) -> Any:
    """Open a video for reading; PyAV before 19 refuses texts in it that are not UTF-8 unless told to pass over them."""
    lenient = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "ignore"}
    return av.open(source, **lenient, **options)


def _stream(container: Any, path: Path) -> Any:
    if not container.streams.video:
        raise ImageError(f"The file {path} holds no video.")
    stream = container.streams.video[0]
    check_size(path, (stream.codec_context.width, stream.codec_context.height), 1)
    return stream
