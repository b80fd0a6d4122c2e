"""Input, reference and despeckled images side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from usbench.core.dataset import Dataset
from usbench.core.method import Method
from usbench.figures.panels import panels

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTION = 22  # pixels above each image
GAP = 4
WHITE = 255


def montage(methods: Sequence[Method], samples: Sequence[tuple[Dataset, int]], zoom: int = 1) -> "Image":
    """Return a picture with a row per sample: input, reference if there is one, and each method's result.

    Parameters
    ----------
    methods
        They are prepared on the CPU.
    samples
        Pairs of a data set and a sample number.
    zoom
        Whole number by which pixels are repeated.
    """
    rows = []
    for dataset, index in samples:
        images = dict(panels(methods, dataset, index).images)
        rows.append(_row({f"{dataset.label}: input": images.pop("input"), **images}, zoom))
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, GAP), (0, width - row.shape[1])), constant_values=WHITE) for row in rows]
    return _image(np.vstack(padded))


def _row(panels: dict[str, np.ndarray], zoom: int) -> np.ndarray:
    return np.hstack([_captioned(caption, plane, zoom) for caption, plane in panels.items()])


def _captioned(caption: str, plane: np.ndarray, zoom: int) -> np.ndarray:
    from PIL import ImageDraw, ImageFont

    pixels = np.round(255 * plane).astype(np.uint8).repeat(zoom, 0).repeat(zoom, 1)
    canvas = np.full((pixels.shape[0] + CAPTION, pixels.shape[1] + GAP), WHITE, np.uint8)
    canvas[CAPTION:, : pixels.shape[1]] = pixels
    image = _image(canvas)
    ImageDraw.Draw(image).text((2, 4), caption, fill=0, font=ImageFont.load_default(14))
    return np.asarray(image)


def _image(pixels: np.ndarray) -> "Image":
    from PIL import Image

    return Image.fromarray(pixels)
