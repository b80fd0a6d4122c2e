"""TIFF: every page by itself, with its own size, palette, text, compression and tags."""

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.image_file import ImageFile
from usbench.io.limits import check_size
from usbench.io.orientation import ORIENTATION, as_stored, shown

KEPT_COMPRESSION = {"NONE": None, "LZW": "lzw", "PACKBITS": "packbits", "ZSTD": "zstd", "LZMA": "lzma"}
GREY = {"MINISBLACK": 1, "MINISWHITE": 1, "RGB": 3, "YCBCR": 3, "PALETTE": 1}  # photometric -> channels
# Tags that the writer sets itself: sizes, strips, tiles, sample layout, palettes, text, resolution and colour encoding.
OWN_TAGS = frozenset((
    *range(254, 260), 262, 266, 270, 273, 277, 278, 279, 282, 283, 284, 296, 305, 306, 317, 320, *range(322, 326), 330,
    338, 339, 347, 529, 530, 531, 532,
))  # fmt: skip
IMAGEJ = (50838, 50839)


class TiffFile(ImageFile):
    """TIFF and BigTIFF. Palettes become RGB, or grey if they are; JPEG compression becomes deflate."""

    def count(self) -> int:
        """Return the number of pages."""
        with self._opened() as stored:
            return len(stored.pages)

    def plane(self, number: int) -> np.ndarray:
        """Return a page as it is shown."""
        with self._opened() as stored:
            return self._shown(self._page(stored, number))

    def planes(self) -> Iterator[np.ndarray]:
        """Yield all pages."""
        with self._opened() as stored:
            for number in range(len(stored.pages)):
                yield self._shown(self._page(stored, number))

    def labels(self, number: int) -> np.ndarray:
        """Return a page as stored: the indices of a palette."""
        with self._opened() as stored:
            page = self._page(stored, number)
            return _values(page) if _name(page.photometric) == "PALETTE" else self._shown(page)

    def stored_bits(self) -> int:
        """Return the bits of a sample if they are fewer than those of its type."""
        with self._opened() as stored:
            page = self._page(stored, 0)
            return int(page.bitspersample) if page.dtype.kind == "u" and _name(page.photometric) != "PALETTE" else 0

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write all pages, each with the layout and the tags of the page that it replaces."""
        import tifffile

        with (
            self._opened() as stored,
            tifffile.TiffWriter(
                target, bigtiff=stored.is_bigtiff, byteorder=stored.byteorder, ome=False, shaped=False
            ) as made,
        ):
            for number, plane in enumerate(planes):
                self._write_page(made, self._page(stored, number), plane)

    def _opened(self) -> Any:
        import tifffile

        return tifffile.TiffFile(self.path)

    def _page(self, stored: Any, number: int) -> Any:
        page = stored.pages.get(number, aspage=True)
        check_size(self.path, (page.imagewidth, page.imagelength), len(stored.pages))
        if page.is_tiled:
            check_size(self.path, (page.tilewidth, page.tilelength))
        kind = _name(page.photometric)
        channels = page.samplesperpixel - len(page.extrasamples)
        if page.imagedepth != 1 or kind not in GREY or channels != GREY[kind] or len(page.extrasamples) > 1:
            has = f"{page.samplesperpixel} samples as {kind}"
            raise ImageError(f"The TIFF file {self.path} has {has}; pages of grey, a palette or RGB are read.")
        if kind == "YCBCR" and "JPEG" not in _name(page.compression):
            raise ImageError(f"The TIFF file {self.path} is YCbCr without JPEG, which is not read; write it as RGB.")
        if number == 0:
            self._check_planes(stored)
        return page

    def _check_planes(self, stored: Any) -> None:
        """Refuse stacks of which all planes but the first are outside of pages, and note what is left out."""
        pages = sum(prod(stored.pages.get(n, aspage=True).shape) for n in range(len(stored.pages)))
        if stored.is_imagej:
            claimed = (stored.imagej_metadata or {}).get("images", 1)
            if claimed > len(stored.pages):
                has = f"{claimed} images and {len(stored.pages)} pages"
                raise ImageError(f"The TIFF file {self.path} has {has}; save it with a page for each.")
        elif stored.is_shaped and sum(prod(series.shape) for series in stored.series) > pages:
            raise ImageError(f"The TIFF file {self.path} has planes without a page; save it with a page for each.")
        if any(page.subifds for page in (stored.pages.get(0, aspage=True),)):
            self._note("reduced copies of the pages (SubIFDs) are left out")

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def _shown(self, page: Any) -> np.ndarray:
        values = _values(page)
        if _name(page.photometric) == "PALETTE":
            if page.extrasamples:
                raise ImageError(f"The TIFF file {self.path} has a palette with transparency, which is not read.")
            palette = np.asarray(page.colormap)
            values = (palette >> 8 if palette.max() > 255 else palette).astype(np.uint8).T[values]
            if not np.ptp(palette, axis=0).any():
                values = values[..., 0]
        elif _name(page.photometric) == "MINISWHITE":
            if values.dtype.kind != "u" or values.ndim == 3:
                raise ImageError(f"The TIFF file {self.path} is white-is-zero of {values.dtype}, which is not read.")
            values = (2**page.bitspersample - 1 - values.astype(np.int64)).astype(values.dtype)
        return shown(values, _orientation(page))

    def _write_page(self, made: Any, page: Any, plane: np.ndarray) -> None:
        values = np.ascontiguousarray(as_stored(plane, _orientation(page)))
        kind = _name(page.photometric)
        if kind == "MINISWHITE":
            values = (2**page.bitspersample - 1 - values.astype(np.int64)).astype(values.dtype)
        colour = values.ndim == 3 and values.shape[-1] >= 3
        separate = _name(page.planarconfig) == "SEPARATE" and values.ndim == 3 and kind != "PALETTE"
        compression = _name(page.compression)
        made.write(
            np.moveaxis(values, -1, 0) if separate else values,
            photometric="rgb" if colour else "miniswhite" if kind == "MINISWHITE" else "minisblack",
            planarconfig=("separate" if separate else "contig") if values.ndim == 3 else None,
            extrasamples=[int(sample) for sample in page.extrasamples] or None,
            compression=KEPT_COMPRESSION.get(compression, "zlib"),
            tile=(page.tilelength, page.tilewidth) if page.is_tiled else None,
            rowsperstrip=None if page.is_tiled else min(page.rowsperstrip, page.imagelength),
            subfiletype=page.subfiletype,
            resolution=self._resolution(page),
            resolutionunit=page.tags["ResolutionUnit"].value if "ResolutionUnit" in page.tags else None,
            description=page.description.encode() or None,
            software=page.software.encode() or False,
            datetime=page.tags["DateTime"].value if "DateTime" in page.tags else None,
            extratags=self._tags(page),
            metadata=None,
            contiguous=False,
        )

    def _resolution(self, page: Any) -> Any:
        if "XResolution" not in page.tags or "YResolution" not in page.tags:
            return None
        return page.tags["XResolution"].value, page.tags["YResolution"].value

    def _tags(self, page: Any) -> list[Any]:
        """Return all other tags of a page for the writer."""
        import tifffile

        kept: list[Any] = []
        for tag in page.tags:
            if tag.code in OWN_TAGS or tag.code == IMAGEJ[0]:
                continue
            if tag.code == IMAGEJ[1]:
                kept += tifffile.imagej_metadata_tag(tag.value, page.parent.byteorder)
            elif isinstance(tag.value, dict):
                self._note(f"the tag {tag.name} is not kept")
            else:
                count = 0 if isinstance(tag.value, str) else tag.count
                value = tag.value if isinstance(tag.value, str | bytes | tuple) else _plain(tag.value)
                kept.append((tag.code, int(tag.dtype), count, value, True))
        return kept


def _name(value: Any) -> str:
    """Return the name of an enumerated value; values without a name are numbers."""
    return getattr(value, "name", str(value))


def _plain(value: Any) -> Any:
    return int(value) if hasattr(value, "value") else value


def _values(page: Any) -> np.ndarray:
    values = np.asarray(page.asarray())
    if _name(page.planarconfig) == "SEPARATE" and page.samplesperpixel > 1:
        values = np.moveaxis(values, 0, -1)
    channels = (page.samplesperpixel,) if page.samplesperpixel > 1 else ()
    return values.reshape(page.imagelength, page.imagewidth, *channels)


def _orientation(page: Any) -> int:
    return int(page.tags[ORIENTATION].value) if ORIENTATION in page.tags else 1
