"""The pictures of one sample: a folder with PNGs and `about.json`, which may have come from outside."""

import io
import json
import warnings
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError, field_validator

from usbench.core.errors import ImageError
from usbench.core.untrusted import is_file_name, link_on_the_way

ABOUT = "about.json"
MOST_PIXELS = 2**26  # of a picture; it is decoded to see that it is one


class About(BaseModel):
    """What `about.json` says: the sample, its licence, and a PNG by the label of each picture.

    `white` has the standard deviation that is white in a picture of uncertainty.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    dataset: str = ""
    split: str = ""
    sample: str = ""
    licence: str = ""
    citation: str = ""
    images: dict[str, str]
    white: dict[str, FiniteFloat] | None = None

    @field_validator("images")
    @classmethod
    def _plain_names(cls, images: dict[str, str]) -> dict[str, str]:
        for name in images.values():
            if not is_file_name(name):
                raise ValueError(f"{name!r} is not the name of a picture beside it")
        return images


def read_about(file: Path) -> About:
    """Return what an `about.json` says.

    Raises
    ------
    ImageError
        If it cannot be read, or is not of this form.
    """
    if not file.is_file():
        raise ImageError(f"There is no file {file}.")
    try:
        return About.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ImageError(f"{file} is not as expected: {where}: {first['msg']}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ImageError(f"{file} cannot be read: {error}.") from None


def read_png(folder: Path, file: Path) -> bytes:
    """Return the bytes of a picture in a folder, after decoding it.

    Raises
    ------
    ImageError
        If it is no PNG, has more than 2^26 pixels, or is reached by a link.
    """
    from PIL import Image

    if link := link_on_the_way(folder, file):
        raise ImageError(f"{link} is a link, not a picture.")
    if not file.is_file():
        raise ImageError(f"There is no picture {file}.")
    try:
        content = file.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # a limit of ours follows
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise ImageError(f"{file} has {image.width} x {image.height} pixels, which is too large.")
                image.load()
    except ImageError:
        raise
    except Exception as error:  # a decoder may raise anything
        raise ImageError(f"{file} is not a picture: {error}.") from None
    return content


def picture_files(gallery: Path) -> Iterator[Path]:
    """Yield the `about.json` of each sample in a gallery that is reached by no link."""
    for file in sorted(gallery.glob(f"*/*/{ABOUT}")):
        if not gallery.is_symlink() and link_on_the_way(gallery, file) is None:
            yield file
