"""Inserted lesions in pictures: the contrast-detail diagram, and grain kept against the lesions' residual."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from usbench.board.controls import INPUT, base_name
from usbench.board.drawing import with_plain_texts
from usbench.board.summary import BoardSummary, Line
from usbench.core.errors import StoreError
from usbench.core.lesions import CONTRASTS_DB, SIZES
from usbench.metrics.lesions import HEAD_DB, UNDEFINED

TOP = 5  # methods in the contrast-detail diagram, beside the controls
CONTROLS = (INPUT, "blur")
RESIDUAL_AXIS = f"lesion residual at {HEAD_DB} dB (left is better: lesions are kept)"
GRAIN_AXIS = "grain kept (down is better: less speckle)"
GAIN_AXIS = "lesion gain (1 is ideal)"
SIZE_AXIS = "radius in grain widths"
DOTS_PER_INCH = 150
MARKERS = "osD^P"  # as many as TOP
DASHES = ("-", "--", "-.", ":", (0, (1, 4)))


@dataclass(frozen=True)
class LesionPictures:
    """What the two pictures of a board show.

    Attributes
    ----------
    gains
        The first `TOP` methods that have a place and some controls, in the board's order, each with its mean gains by
        contrast in dB: one for each of `SIZES`, None where no image has such a lesion. 1 is ideal.
    points
        A line of the head table, its mean residual of lesions of 4 dB (0 to about 1, 0 is best) and the mean share of
        the grain that it keeps (0 is best, 1 is the untouched image), on the images that have such lesions.
    gaussian
        Residual and grain kept of the Gaussian blur, by residual. A method gives a point of it by its Gaussian
        equivalent, unless that is undefined or 0 on an image.
    """

    gains: tuple[tuple[Line, Mapping[int, tuple[float | None, ...]]], ...]
    points: tuple[tuple[Line, float, float], ...]
    gaussian: tuple[tuple[float, float], ...]


def lesion_pictures(board: BoardSummary) -> LesionPictures | None:
    """Return what the pictures of a board show; None if no image of it has lesions of 4 dB."""
    measured = [(line, found) for line in board.head if (found := _measured(line)) is not None]
    if not measured:
        return None
    gaussian = {(0.0, 1.0)}
    for _, (residual, kept, equivalent) in measured:
        if np.isfinite(equivalent).all() and (equivalent > 0).all():
            gaussian.add((float(residual.mean()), float((kept / equivalent).mean())))
    return LesionPictures(
        tuple((line, {contrast: _gains(line, contrast) for contrast in CONTRASTS_DB}) for line in _shown(board)),
        tuple((line, float(residual.mean()), float(kept.mean())) for line, (residual, kept, _) in measured),
        tuple(sorted(gaussian)),
    )


@with_plain_texts
def lesion_figure(boards: list[BoardSummary], path: Path) -> bool:
    """Draw both pictures in a row for each board with lesions, and return whether there was anything to draw.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    found = [(board, pictures) for board in boards if (pictures := lesion_pictures(board))]
    if not found:
        return False
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(17, 4.2 * len(found)), layout="constrained")
    FigureCanvasAgg(figure)
    rows: Any = figure.subfigures(len(found), 1, squeeze=False)[:, 0]
    for row, (board, pictures) in zip(rows, found, strict=True):
        row.suptitle(f"{board.dataset} ({board.split}, {board.images} images)", x=0.01, ha="left", fontsize=11)
        panels = row.subplots(1, 1 + len(CONTRASTS_DB), width_ratios=(1.6, *(1 for _ in CONTRASTS_DB)))
        _plane(panels[0], pictures)
        _contrast_detail(panels[1:], pictures)
        row.legend(*panels[1].get_legend_handles_labels(), fontsize=8, loc="outside right center")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
    except OSError as error:
        raise StoreError(f"The figure cannot be written to {path}: {error.strerror or error}.") from None
    return True


def _measured(line: Line) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return residual, grain kept and Gaussian equivalent, each (images with all three,); None without any."""
    names = (f"lesion_residual_{HEAD_DB}db", "grain_kept", f"gaussian_equivalent_{HEAD_DB}db")
    if any(name not in line.cells for name in names):
        return None
    values = np.array([line.cells[name].values for name in names])
    values = values[:, ~np.isnan(values).any(axis=0)]
    return (values[0], values[1], values[2]) if values.size else None


def _shown(board: BoardSummary) -> Iterator[Line]:
    yield from [line for line in board.head if line.role == "candidate" and not line.seen][:TOP]
    yield from (line for line in board.head if line.role == "control" and base_name(line.method) in CONTROLS)


def _gains(line: Line, contrast: int) -> tuple[float | None, ...]:
    cells = [line.cells.get(f"lesion_gain_{contrast}db_{size}g") for size in SIZES]
    return tuple(None if cell is None else cell.mean for cell in cells)


def _plane(panel: Any, pictures: LesionPictures) -> None:
    panel.plot(*zip(*pictures.gaussian, strict=True), color="0.5", zorder=1)
    named = {line.setting for line, _ in pictures.gains}
    for line, residual, kept in pictures.points:
        panel.plot(residual, kept, "o", color="0.5" if line.role == "control" else "C0", markersize=5)
        if line.setting in named:
            panel.annotate(line.method, (residual, kept), (4, 4), textcoords="offset points", fontsize=7)
    panel.axvline(UNDEFINED, color="0.5", linestyle=":", linewidth=1)
    panel.set(xlabel=RESIDUAL_AXIS, ylabel=GRAIN_AXIS)
    panel.set_title("grey line: the Gaussian blur", loc="left", fontsize=9)
    panel.grid(alpha=0.3)


def _contrast_detail(panels: Any, pictures: LesionPictures) -> None:
    for panel, contrast in zip(panels, CONTRASTS_DB, strict=True):
        panel.axhline(1, color="0.5", linewidth=1)
        numbers = {"candidate": 0, "control": 0}
        for line, gains in pictures.gains:
            number = numbers[line.role]
            numbers[line.role] += 1
            style: dict[str, Any] = {"marker": MARKERS[number % TOP], "color": f"C{number}"}
            if line.role == "control":
                style = {"linestyle": DASHES[number % len(DASHES)], "color": "0.5"}
            heights = [np.nan if gain is None else gain for gain in gains[contrast]]
            panel.plot(SIZES, heights, label=line.method, markersize=5, **style)
        panel.set_xscale("log", base=2)
        panel.set_xticks(SIZES, [str(size) for size in SIZES])
        panel.set(xlabel=SIZE_AXIS, ylim=(0, _top(pictures)))
        panel.set_title(f"{contrast} dB", loc="left", fontsize=9)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel(GAIN_AXIS)


def _top(pictures: LesionPictures) -> float:
    rows = [row for _, by_contrast in pictures.gains for row in by_contrast.values()]
    return max([1.2, *(1.05 * gain for row in rows for gain in row if gain is not None)])
