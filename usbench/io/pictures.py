"""PNG, JPEG and BMP."""

import io
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import ImageFile
from usbench.io.limits import check_size, most_pixels
from usbench.io.orientation import ORIENTATION, as_stored, shown
from usbench.io.png_chunks import SIGNATURE, with_chunks_of

if TYPE_CHECKING:
    from PIL import Image

MOST_LABELS = 16  # palette PNGs that use fewer entries may be label images
PLAIN = ("1", "L", "LA", "I", "I;16", "I;16B", "F", "RGB", "RGBA")


def opened(path: Path, formats: tuple[str, ...]) -> "Image.Image":
    """Return a picture that is not decoded yet, after checking its size."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # `check_size` refuses in a sentence
    picture = Image.open(path, formats=formats)
    try:
        Image.MAX_IMAGE_PIXELS = most_pixels()
        check_size(path, (picture.width, picture.height))
    except BaseException:
        picture.close()
        raise
    return picture


def values_of(picture: "Image.Image") -> np.ndarray:
    """Return the values of a picture as a viewer shows them: palettes are applied, transparency is a channel."""
    if picture.mode in ("P", "PA"):
        alpha = picture.mode == "PA" or "transparency" in picture.info
        values = np.asarray(picture.convert("RGBA" if alpha else "RGB"))
        grey = not alpha and "icc_profile" not in picture.info and not np.ptp(values, axis=-1).any()
        return np.ascontiguousarray(values[..., 0]) if grey else values
    if picture.mode in ("L", "RGB") and "transparency" in picture.info:
        return np.asarray(picture.convert(picture.mode + "A" if picture.mode == "RGB" else "LA"))
    if picture.mode not in PLAIN:
        picture = picture.convert("RGB" if picture.mode in ("CMYK", "YCbCr", "LAB", "HSV", "RGBX") else "L")
    values = np.asarray(picture)
    return values.astype(np.uint16) if picture.mode.startswith("I") and values.max(initial=0) <= 65535 else values


class PictureFile(ImageFile):
    """Base of files with one picture."""

    formats: ClassVar[tuple[str, ...]] = ()

    def plane(self, number: int) -> np.ndarray:
        """Return the picture."""
        return self._values

    @cached_property
    def _values(self) -> np.ndarray:
        with opened(self.path, self.formats) as picture:
            if getattr(picture, "n_frames", 1) > 1:
                raise ImageError(f"{self.path} is an animated picture, which is read from GIF and videos only.")
            picture.load()
            self._look(picture)
            return self._decoded(picture)

    def _look(self, picture: "Image.Image") -> None:
        """Note what a result does not keep."""

    def _decoded(self, picture: "Image.Image") -> np.ndarray:
        return values_of(picture)

    def _kept(self, *keys: str) -> dict[str, Any]:
        """Return the metadata that Pillow writes again."""
        with opened(self.path, self.formats) as picture:
            return {key: picture.info[key] for key in keys if picture.info.get(key)}


class PngFile(PictureFile):
    """PNG of every colour type and depth."""

    formats = ("PNG",)

    def labels(self, number: int) -> np.ndarray:
        """Return the indices of a palette of few entries, which is how label images are stored."""
        with opened(self.path, self.formats) as picture:
            if picture.mode == "P":
                indices = np.asarray(picture)
                if indices.max(initial=0) < MOST_LABELS:
                    return indices
        return self.plane(0)

    @property
    def _deep_colour(self) -> bool:
        """Whether it has 16 bits and several channels, which Pillow reduces to 8."""
        with self.path.open("rb") as stream:
            start = stream.read(26)
        return start[:8] == SIGNATURE and start[24] == 16 and start[25] != 0

    def _decoded(self, picture: "Image.Image") -> np.ndarray:
        if self._deep_colour:
            import imagecodecs

            return imagecodecs.png_decode(self.path.read_bytes())
        if picture.mode.startswith("I") and "transparency" in picture.info:
            raise ImageError(f"{self.path} is 16-bit grey with a transparent value, which is not read.")
        return values_of(picture)

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the picture; text, resolution, colour space and all other chunks are kept."""
        (plane,) = planes
        made = io.BytesIO()
        if plane.ndim == 3 and plane.dtype != np.uint8:
            import imagecodecs

            made.write(imagecodecs.png_encode(np.ascontiguousarray(plane)))
        else:
            from PIL import Image

            Image.fromarray(np.ascontiguousarray(plane)).save(made, "PNG")
        target.write_bytes(with_chunks_of(made.getvalue(), self.path.read_bytes()))


class JpegFile(PictureFile):
    """JPEG, 8 bit; written with the best quality and without subsampling, which changes values by 1 or 2."""

    formats = ("JPEG", "MPO")
    exact = False

    @cached_property
    def _orientation(self) -> int:
        with opened(self.path, self.formats) as picture:
            return int(picture.getexif().get(ORIENTATION, 1) or 1)

    def _look(self, picture: "Image.Image") -> None:
        if picture.mode == "CMYK":
            self.notes.append("CMYK is written as RGB")

    def _decoded(self, picture: "Image.Image") -> np.ndarray:
        return shown(values_of(picture), self._orientation)

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the picture with its EXIF, XMP, comment, resolution and colour profile."""
        from PIL import Image

        (plane,) = planes
        kept = self._kept("dpi", "icc_profile", "exif", "xmp", "comment")
        if "CMYK is written as RGB" in self.notes:
            kept.pop("icc_profile", None)
        picture = Image.fromarray(np.ascontiguousarray(as_stored(plane, self._orientation)))
        picture.save(target, "JPEG", quality=100, subsampling=0, **kept)


class BmpFile(PictureFile):
    """BMP."""

    formats = ("BMP", "DIB")

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write the picture with its resolution."""
        from PIL import Image

        (plane,) = planes
        Image.fromarray(np.ascontiguousarray(plane)).save(target, "BMP", **self._kept("dpi"))
