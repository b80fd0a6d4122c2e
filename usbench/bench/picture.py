"""Input, reference and despeckled images side by side: numbers alone do not show artefacts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from usbench.bench.evaluate import despeckle_sample
from usbench.bench.samples import load_sample
from usbench.dataset import Dataset
from usbench.errors import UsageError
from usbench.method import Method

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTION = 22  # pixels above each image
GAP = 4
WHITE = 255


def montage(methods: Sequence[Method], datasets: Sequence[Dataset], sample: int = 0, zoom: int = 1) -> "Image":
    """Return a picture with a row per data set: input, reference if there is one, and each method's result.

    Parameters
    ----------
    methods
        They are prepared on the CPU.
    datasets
        One sample of each is shown.
    sample
        Number of the sample; the last one where a set has fewer.
    zoom
        Whole factor by which pixels are repeated.
    """
    for method in methods:
        method.prepare("cpu")
    rows = []
    for dataset in datasets:
        if not len(dataset):
            raise UsageError(f"The data set {dataset.label} has no samples in the split {dataset.split!r}.")
        shown = load_sample(dataset, min(sample, len(dataset) - 1))
        panels = {f"{dataset.label}: input": shown.image}
        if shown.reference is not None:
            panels["reference"] = shown.reference
        panels |= {method.label: despeckle_sample(method, shown) for method in methods}
        rows.append(_row(panels, zoom))
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
