"""GIF, still and animated."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import ImageFile
from usbench.io.limits import check_size
from usbench.io.pictures import opened

COLOURS = 256


class GifFile(ImageFile):
    """GIF: frames are as they are shown, with the time of each. Coloured ones have at most 256 colours."""

    def is_exact(self) -> bool:
        """Return whether no colours had to be approximated."""
        return not self.notes

    def count(self) -> int:
        """Return the number of frames."""
        with opened(self.path, ("GIF",)) as picture:
            frames = int(getattr(picture, "n_frames", 1))
            check_size(self.path, picture.size, frames, 3)
            return frames

    def plane(self, number: int) -> np.ndarray:
        """Return a frame."""
        for at, frame in enumerate(self.planes()):
            if at == number:
                return frame
        raise ImageError(f"The file {self.path} has no frame {number}.")

    def planes(self) -> Iterator[np.ndarray]:
        """Yield the frames: grey if the first is, else RGB, and RGBA if anything is transparent."""
        self.count()
        with opened(self.path, ("GIF",)) as picture:
            mode = self._mode(picture)
            for number in range(int(getattr(picture, "n_frames", 1))):
                picture.seek(number)
                values = np.asarray(picture.convert("RGBA"))
                yield values[..., 0] if mode == "L" else values[..., : len(mode)]

    def _mode(self, picture) -> str:  # type: ignore[no-untyped-def]
        mode = "L"
        for number in range(int(getattr(picture, "n_frames", 1))):
            picture.seek(number)
            values = np.asarray(picture.convert("RGBA"))
            if (values[..., 3] != 255).any():
                return "RGBA"
            if np.ptp(values[..., :3], axis=-1).any():
                mode = "RGB"
        return mode

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the frames with the time of each, the number of repetitions and the comment."""
        from PIL import Image

        frames = [self._indexed(plane) for plane in planes]
        times: list[float] = []
        kept: dict[str, Any] = {}
        with opened(self.path, ("GIF",)) as picture:
            for number in range(len(frames)):
                picture.seek(number)
                times.append(picture.info.get("duration", 0))
                kept |= {key: picture.info[key] for key in ("loop", "comment") if key in picture.info}
        Image.init()
        frames[0].save(
            target, "GIF", save_all=len(frames) > 1, append_images=frames[1:], optimize=False,
            **({"duration": times} if len(times) > 1 else {"duration": times[0]} if times[0] else {}),
            disposal=2 if frames[0].mode == "RGBA" else 1, **kept,
        )  # fmt: skip

    def _indexed(self, plane: np.ndarray) -> Any:
        """Return a frame with a palette of its own; with every colour if there are no more than 256."""
        from PIL import Image

        if plane.ndim == 2 or plane.shape[-1] == 4:
            return Image.fromarray(np.ascontiguousarray(plane))
        colours, indices = np.unique(plane.reshape(-1, 3), axis=0, return_inverse=True)
        if len(colours) > COLOURS:
            self.notes.append("GIF has 256 colours, so the colours of some frames are approximated")
            return Image.fromarray(np.ascontiguousarray(plane)).quantize(COLOURS, dither=Image.Dither.NONE)
        picture = Image.fromarray(indices.reshape(plane.shape[:2]).astype(np.uint8), "P")
        picture.putpalette(colours.astype(np.uint8).tobytes())
        return picture
