"""Figures for papers: a row of images with an enlarged part and metrics below, as PNG, PDF or SVG."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from usbench.core.errors import StoreError, UsageError
from usbench.core.formatting import significant
from usbench.core.metric import Metric
from usbench.figures.inset import Inset
from usbench.figures.panels import Panels
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL = 1.75  # inches: four in a row are the width of a page of text
COLUMNS = 4
CAPTION = 0.42  # inches, for two lines
FRAME = "#ffb000"
SUFFIXES = (".png", ".pdf", ".svg")
# Text stays searchable in the PDF and editable in the SVG. No dates, so that the same figure is the same bytes.
SETTINGS: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "usbench", "font.size": 8}
UNDATED = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {}}


def captions(shown: Panels, metrics: Sequence[Metric]) -> dict[str, str]:
    """Return a line for below each image: its values of the metrics, such as `psnr 29.3 dB, ssim 0.85`.

    Raises
    ------
    UsageError
        If a metric does not apply to the sample.
    """
    for metric in metrics:
        if reason := metric.missing(shown.sample):
            raise UsageError(f"{metric.name} does not apply to {shown.sample.id}: {reason}.")
    return {
        name: ", ".join(f"{metric.name} {_value(metric, name, shown)}" for metric in metrics)
        for name in shown.images
        if name != "reference"
    }


def draw(shown: Panels, below: Mapping[str, str], inset: Inset | None) -> "Figure":
    """Return a figure of the images, each with the inset enlarged in its corner and its text `below` it."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows = -(-len(shown.images) // COLUMNS)
    columns = -(-len(shown.images) // rows)
    height = PANEL * shown.sample.image.shape[0] / shown.sample.image.shape[1] + CAPTION
    with rc_context(SETTINGS):
        figure = Figure(figsize=(columns * PANEL, rows * height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, (name, image) in zip(axes, shown.images.items(), strict=False):
            _panel(axis, name, image, below.get(name, ""), inset)
        for axis in axes[len(shown.images) :]:
            axis.set_axis_off()
    return figure


def save_figure(figure: "Figure", out: Path) -> None:
    """Write the figure in the format of the file's suffix.

    Raises
    ------
    UsageError
        If the suffix is not .png, .pdf or .svg.
    StoreError
        If the file cannot be written.
    """
    from matplotlib import rc_context

    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"A figure is written as {', '.join(SUFFIXES)}, not as {out.name!r}.")
    try:
        stream = io.BytesIO()
        with rc_context(SETTINGS):
            figure.savefig(stream, format=suffix[1:], dpi=300, metadata=UNDATED[suffix])
        write_whole(out, stream.getvalue())
    except OSError as error:
        raise StoreError(f"The figure cannot be written to {out}: {error.strerror or error}.") from None


def _panel(axis: "Axes", name: str, image: np.ndarray, below: str, inset: Inset | None) -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="none")
    axis.set_title(name, fontsize=8, pad=3, parse_math=False)
    axis.set_xlabel(below.replace(", ", "\n", 1), fontsize=7, labelpad=2, parse_math=False)
    axis.set_xticks([])
    axis.set_yticks([])
    if inset is None:
        return
    from matplotlib.patches import Rectangle

    corner = (inset.column - 0.5, inset.row - 0.5)
    axis.add_patch(Rectangle(corner, inset.size, inset.size, fill=False, edgecolor=FRAME, linewidth=0.8))
    middle = inset.column + inset.size / 2
    left = 0.56 if middle < image.shape[1] / 2 else 0.02  # beside the part, not over it
    enlarged = axis.inset_axes((left, 0.02, 0.42, 0.42))
    enlarged.imshow(inset.of(image), cmap="gray", vmin=0, vmax=1, interpolation="none")
    enlarged.set_xticks([])
    enlarged.set_yticks([])
    enlarged.spines[:].set(edgecolor=FRAME, linewidth=0.8)


def _value(metric: Metric, name: str, shown: Panels) -> str:
    value = metric(shown.images[name], shown.sample, shown.with_lesions.get(name))
    return significant(value) + (f" {metric.unit}" if metric.unit else "")
