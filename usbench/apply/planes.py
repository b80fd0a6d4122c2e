"""Despeckle one plane inside its scan area, and return it as it is stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.grey import GreyScale
from usbench.io.image_file import ALPHA, ImageFile, Region, Spacing
from usbench.ultrasound.grey_map import PLAIN, SAMPLE, GreyMap, find_grey_map
from usbench.ultrasound.scan_area import COLOURED, graphics, scan_area

Despeckle = Callable[[np.ndarray, Spacing], np.ndarray]

BLOCK = 2**20  # pixels that are converted at a time
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
        Takes (axial, lateral) float32 in [0, 1], which it may overwrite, and the pixel size in mm or None, and returns
        an image of that shape.
    nothing
        The mask of pixels that are no image, such as padding; they stay too.
    """
    has_alpha = plane.ndim == 3 and plane.shape[-1] in ALPHA
    shown = plane[..., :-1] if has_alpha else plane
    shown = shown[..., 0] if shown.ndim == 3 and shown.shape[-1] == 1 else shown
    grey_map = _grey_map(shown, frame.scale)
    result = shown
    for rows, columns, spacing in _places(frame, shown.shape[:2]):
        part = shown[rows, columns]
        grey, drawn = _grey(part, frame.scale, grey_map)
        if nothing is not None:
            drawn |= nothing[rows, columns]
        inside = _inside(grey, drawn, frame)
        del drawn
        after = despeckle(grey, spacing)
        del grey
        result = shown.copy() if result is shown else result
        for block in _blocks(part.shape):
            before = _grey_of(frame.scale.grey(part[block]), grey_map).astype(np.float64)
            change = np.clip(after[block], 0, 1) - before
            changed = inside[block] & (change != 0)
            stored = _stored(part[block][changed], before[changed], change[changed], frame.scale, grey_map)
            result[rows, columns][block][changed] = stored
    return np.concatenate([result.reshape(*plane.shape[:2], -1), plane[..., -1:]], axis=-1) if has_alpha else result


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield rows of about a million pixels, so that temporary arrays are small."""
    height = max(1, BLOCK // shape[1])
    yield from (slice(top, top + height) for top in range(0, shape[0], height))


def _grey_map(shown: np.ndarray, scale: GreyScale) -> GreyMap | None:
    """Return the map of a plane in colour, None for grey."""
    if shown.ndim == 2:
        return None
    pixels = shown.reshape(-1, shown.shape[-1])
    return find_grey_map(scale.grey(pixels[:: max(1, len(pixels) // SAMPLE)])[:, None])


def _grey(shown: np.ndarray, scale: GreyScale, grey_map: GreyMap | None) -> tuple[np.ndarray, np.ndarray]:
    """Return grey as float32 in [0, 1], and the mask of what is drawn in other colours, both (axial, lateral)."""
    grey, drawn = np.empty(shown.shape[:2], np.float32), np.zeros(shown.shape[:2], bool)
    for block in _blocks(shown.shape):
        values = scale.grey(shown[block])
        if grey_map is not None:
            drawn[block] = _coloured(values, grey_map)
        grey[block] = _grey_of(values, grey_map)
    return grey, drawn


def _grey_of(values: np.ndarray, grey_map: GreyMap | None) -> np.ndarray:
    return np.clip(values if grey_map is None else grey_map.grey(values), 0, 1).astype(np.float32)


def _stored(
    shown: np.ndarray, before: np.ndarray, change: np.ndarray, scale: GreyScale, grey_map: GreyMap | None
) -> np.ndarray:
    """Return stored values `shown`, whose grey was `before`, after a change of grey."""
    values = scale.grey(shown)
    values += change if grey_map is None else grey_map.colour(before + change) - grey_map.colour(before)
    return scale.stored(np.clip(values, 0, 1), shown.dtype)


def _coloured(colour: np.ndarray, grey_map: GreyMap) -> np.ndarray:
    """Return the mask of pixels that are not of the map."""
    if grey_map is PLAIN:
        return np.ptp(colour, axis=-1) > COLOURED
    return ~grey_map.holds(colour)


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
    strokes |= drawn
    scan = scan_area(part, without=strokes)  # coloured bars and text are no part of it
    if scan.mean() < LEAST_AREA:
        scan[:] = True
    return scan & ~strokes
