"""A cine loop as a file of planes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from usbench.io.image_file import ImageFile
from usbench.io.video import video_count, video_format, video_frame, video_frames, video_timing, write_video

DEEP = {"gray10le": 10, "gray12le": 12, "gray14le": 14, "gray16le": 16}


class VideoFile(ImageFile):
    """A video; its result has the same times, pixel aspect ratio and depth, without loss from the decoded frames."""

    def count(self) -> int:
        """Return the number of frames."""
        return video_count(self.path)

    def plane(self, number: int) -> np.ndarray:
        """Return a frame."""
        return video_frame(self.path, number, deep=True)

    def planes(self) -> Iterator[np.ndarray]:
        """Yield all frames; grey of more than 8 bits is uint16."""
        return video_frames(self.path, deep=True)

    def stored_bits(self) -> int:
        """Return the bits of a grey value; 0 for 8."""
        return DEEP.get(video_format(self.path)[0], 0)

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the frames; sound and subtitles are left out."""
        kind, bits, others = video_format(self.path)
        if others:
            self.notes.append("sound and other streams are left out")
        if kind not in DEEP and bits > 8:
            self.notes.append(f"{bits} bits of {kind} are written as 8")
        write_video(target, planes, video_timing(self.path), kind if kind in DEEP else "")
