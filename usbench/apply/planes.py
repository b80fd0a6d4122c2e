"""Despeckle one plane inside its scan area, and return it as it is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.grey import GreyScale
from usbench.io.image_file import ALPHA, ImageFile, Region, Spacing
from usbench.ultrasound.grey_map import PLAIN, find_grey_map
from usbench.ultrasound.scan_area import COLOURED, graphics, scan_area

Despeckle = Callable[[np.ndarray, Spacing], np.ndarray]

LEAST_REGION = 16  # pixels: regions of a header with shorter sides are not used
LEAST_AREA = 0.05  # of the frame: a scan area that is smaller was not found


@dataclass(frozen=True)
class Frame:
    """How the planes of a file are despeckled.

    Attributes
    ----------
    scale
        What stored values mean.
    spacing
        Pixel size (axial, lateral) in mm where no region has its own; None if unknown.
    regions
        B-mode regions of the header; empty to find the scan.
    whole
        Whether everything is despeckled, text and scales too.
    """

    scale: GreyScale
    spacing: Spacing = None
    regions: Sequence[Region] = ()
    whole: bool = False


def frame_of(file: ImageFile, *, whole: bool) -> Frame:
    """Return how the planes of a file are despeckled.

    Raises
    ------
    ImageError
        If it holds anything but grey or colour numbers.
    """
    first = file.plane(0)
    if first.dtype == bool or first.dtype.kind not in "uif" or not first.size:
        raise ImageError(f"The image {file.path} holds {first.dtype} values where grey numbers are expected.")
    if not whole and (reason := file.why_no_scan()):
        raise ImageError(f"{file.path} {reason}; --whole despeckles all of it.")
    regions = [] if whole else [region for region in file.regions() if _is_large(region)]
    return Frame(file.scale, file.spacing(), regions, whole)


def _is_large(region: Region) -> bool:
    sides = (region.rows, region.columns)
    return all(side.start >= 0 and side.stop - side.start >= LEAST_REGION for side in sides)


def despeckled(plane: np.ndarray, frame: Frame, despeckle: Despeckle, nothing: np.ndarray | None = None) -> np.ndarray:
    """Return a stored plane despeckled, in its own shape and type.

    A method that returns its input changes no value. Of a colour plane the grey of its map is despeckled, which is the
    luminance unless the map is tinted, and each pixel keeps its tint. Coloured drawings, Doppler, burnt-in text, alpha
    and everything outside the scan area stay as they are.

    Parameters
    ----------
    plane
        As `ImageFile.plane` returns it.
    frame
        See `frame_of`.
    despeckle
        Takes (axial, lateral) float32 in [0, 1] and the pixel size in mm or None, and returns an image of that shape.
    nothing
        The mask of pixels that are no image, such as padding; they stay too.
    """
    has_alpha = plane.ndim == 3 and plane.shape[-1] in ALPHA
    shown = plane[..., :-1] if has_alpha else plane
    shown = shown[..., 0] if shown.ndim == 3 and shown.shape[-1] == 1 else shown
    values = frame.scale.grey(shown)
    grey_map = find_grey_map(values) if shown.ndim == 3 else PLAIN
    grey = np.clip(grey_map.grey(values) if shown.ndim == 3 else values, 0, 1)
    colour = values if shown.ndim == 3 else None
    drawn = np.zeros(grey.shape, bool) if colour is None else _coloured(colour, grey_map)
    if nothing is not None:
        drawn |= nothing
    change = np.zeros(grey.shape, np.float64)
    for rows, columns, spacing in _places(frame, grey.shape):
        part = np.ascontiguousarray(grey[rows, columns], np.float32)
        inside = _inside(part, drawn[rows, columns], frame)
        result = np.clip(despeckle(part, spacing), 0, 1).astype(np.float64)
        change[rows, columns] = np.where(inside, result - part, 0)
    changed = change != 0
    result = shown.copy()
    if colour is None:
        result[changed] = _stored(shown, values + change, changed, frame.scale)
    else:
        before = grey[changed].astype(np.float32).astype(np.float64)
        shift = grey_map.colour(before + change[changed]) - grey_map.colour(before)
        result[changed] = frame.scale.stored(np.clip(colour[changed] + shift, 0, 1), shown.dtype)
    return np.concatenate([result.reshape(*plane.shape[:2], -1), plane[..., -1:]], axis=-1) if has_alpha else result


def _stored(shown: np.ndarray, values: np.ndarray, changed: np.ndarray, scale: GreyScale) -> np.ndarray:
    return scale.stored(np.clip(values[changed], 0, 1), shown.dtype)


def _coloured(colour: np.ndarray, grey_map: object) -> np.ndarray:
    """Return the mask of pixels that are not of the map."""
    if grey_map is PLAIN:
        return np.ptp(colour, axis=-1) > COLOURED
    return ~grey_map.holds(colour)  # type: ignore[attr-defined]


def _places(frame: Frame, shape: tuple[int, ...]) -> list[tuple[slice, slice, Spacing]]:
    """Return the parts of a plane that are despeckled by themselves, each with its pixel size."""
    if not frame.regions:
        return [(slice(0, shape[0]), slice(0, shape[1]), frame.spacing)]
    return [(region.rows, region.columns, region.spacing) for region in frame.regions]


def _inside(part: np.ndarray, drawn: np.ndarray, frame: Frame) -> np.ndarray:
    """Return the mask of pixels that are scan and no drawing."""
    if frame.whole:
        return ~drawn
    strokes = graphics(part)
    scan = scan_area(np.where(drawn | strokes, 0, part))  # coloured bars and text are no part of it
    if scan.mean() < LEAST_AREA:
        scan = np.ones(part.shape, bool)
    return scan & ~drawn & ~strokes
