"""Drawn tissue and pictures as maps of echogenicity in dB, for training despecklers.

Nothing here is a source of the suite: shapes, layers and fibres are drawn anew, and their contrasts are faint as often
as strong.
"""

from collections.abc import Sequence

import numpy as np

from .pairs import ImagePool

Place = tuple[slice, slice]
FAINT, STRONG = (1.0, 8.0), (6.0, 30.0)  # dB
FLUID = -40.0  # dB
LESION = (2.0, 8.0)  # dB
LARGEST_CHANGE = 10.0  # dB; of overlapping lesions
DRAWN = 0.6  # share of drawn tissue
MRI = 0.6  # share of MRI among the pictures; the others are natural images
FIBRES = 0.3  # share of the maps with fibres
ATTEMPTS = 4


def echogenicity(
    rng: np.random.Generator, size: int, mri: ImagePool | None, natural: ImagePool | None, drawn: float = DRAWN
) -> np.ndarray:
    """Return a random map of echogenicity (size, size) in dB, about 0 in the middle.

    Parameters
    ----------
    rng
        Draws all of it.
    size
        Height and width in pixels.
    mri, natural
        Pictures whose grey is taken for echogenicity; None for drawn tissue alone.
    drawn
        Share of drawn tissue.
    """
    kind = rng.random()
    if kind < drawn or (mri is None and natural is None):
        made = drawn_tissue(rng, size)
    else:
        pool = (mri if rng.random() < MRI else natural) or mri or natural
        assert pool is not None
        made = _picture(rng, size, pool)
    if rng.random() < FIBRES:
        made = made + _fibres(rng, size)
    return made - np.median(made)


def drawn_tissue(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return smooth tissue with layers and with ellipses, lobed shapes and rectangles of random contrast, in dB."""
    made = smooth_field(rng, size, _log_uniform(rng, 8, 80)) * rng.uniform(0, 6)
    if rng.random() < 0.4:
        made += _layers(rng, size)
    for _ in range(rng.integers(1, 14)):
        place, profile = shape(rng, size, _log_uniform(rng, 2.2, 36), float(rng.uniform(0.5, 2)))
        made[place] += _contrast(rng) * profile
    return made


def lesions(rng: np.random.Generator, size: int, margin: int) -> np.ndarray:
    """Return a map (size, size) in dB of some soft lesions of 2 to 8 dB; none is centred in the margin."""
    made = np.zeros((size, size))
    contrast = rng.uniform(*LESION)
    for _ in range(rng.integers(2, 6)):
        centre = rng.uniform(margin + 8, size - margin - 8, 2)
        place, profile = shape(rng, size, _log_uniform(rng, 2.5, 20), float(rng.uniform(0.7, 2)), centre)
        made[place] += rng.choice([-1, 1]) * contrast * profile
    return np.clip(made, -LARGEST_CHANGE, LARGEST_CHANGE)


def smooth_field(rng: np.random.Generator, size: int, scale: float) -> np.ndarray:
    """Return a random field (size, size) of unit variance whose values change over `scale` pixels."""
    from scipy.ndimage import zoom

    knots = max(4, int(np.ceil(size / scale)) + 3)
    made = zoom(rng.standard_normal((knots, knots)), (size + 2 * size / (knots - 2)) / knots, order=3)[:size, :size]
    return (made - made.mean()) / (made.std() + 1e-6)


def shape(
    rng: np.random.Generator,
    size: int,
    radius: float,
    softness: float,
    centre: Sequence[float] | np.ndarray | None = None,
) -> tuple[Place, np.ndarray]:
    """Return a random shape's place in a square image and its profile there, from 0 outside to 1 inside.

    Parameters
    ----------
    size
        Side of the image in pixels.
    radius, softness
        Of the shape and of its border, in pixels.
    centre
        Row and column; anywhere by default.
    """
    row, column = rng.uniform(0, size, 2) if centre is None else centre
    reach = int(np.ceil(2.2 * radius + 4 * softness + 2))
    place = tuple(slice(max(0, int(at) - reach), min(size, int(at) + reach)) for at in (row, column))
    down, right = (axis - at for axis, at in zip(np.ogrid[place], (row, column), strict=True))
    angle, stretch = rng.uniform(0, np.pi), np.exp(rng.uniform(-0.6, 0.6))
    along = (np.cos(angle) * right + np.sin(angle) * down) / stretch
    across = (np.cos(angle) * down - np.sin(angle) * right) * stretch
    kind = rng.random()
    if kind < 0.55:
        distance = np.hypot(along, across) - radius
    elif kind < 0.8:
        lobes = np.cos(rng.integers(2, 6) * np.arctan2(across, along) + rng.uniform(0, 2 * np.pi))
        distance = np.hypot(along, across) - radius * (1 + 0.25 * lobes)
    else:
        distance = np.maximum(np.abs(along), np.abs(across)) - radius
    return (place[0], place[1]), _inside(distance, 0.4 * softness)


def _contrast(rng: np.random.Generator) -> float:
    """Return a contrast in dB: mostly faint, sometimes strong, rarely fluid or a bright reflector."""
    kind, sign = rng.random(), rng.choice([-1, 1])
    if kind < 0.9:
        return float(sign * rng.uniform(*(FAINT if kind < 0.6 else STRONG)))
    return FLUID if sign < 0 else 10.0


def _layers(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return wavy layers, thin or down to the lower edge, (size, size) in dB."""
    along, down = np.linspace(0, 1, size), np.arange(size)[:, None]
    made = np.zeros((size, size))
    for _ in range(rng.integers(1, 6)):
        wave = rng.uniform(0, 8) * np.sin(rng.uniform(2, 12) * along + rng.uniform(0, 2 * np.pi))
        depth = down - (rng.uniform(0, size) + size * rng.uniform(-0.4, 0.4) * along + wave)
        thickness = rng.uniform(2, 30) if rng.random() < 0.6 else np.inf
        made += _contrast(rng) * _inside(-depth, 0.6) * _inside(depth - thickness, 0.6)
    return made


def _fibres(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return thin curves, single or in bundles, as of fascia, vessel walls and muscle, (size, size) in dB."""
    along, down = np.arange(size), np.arange(size)[:, None]
    made = np.zeros((size, size))
    for _ in range(rng.integers(1, 5)):
        slope, wave = rng.uniform(-0.35, 0.35), rng.uniform(0, 6)
        course = slope * (along - size / 2) + wave * np.sin(along * rng.uniform(0.01, 0.08) + rng.uniform(0, 6))
        count = 1 if rng.random() < 0.5 else int(rng.integers(2, 9))
        top, gap = rng.uniform(0, size), rng.uniform(4, 14)
        contrast = rng.uniform(4, 25) * (1 if rng.random() < 0.85 else -1)
        for number in range(count):
            depth = top + number * gap * rng.uniform(0.8, 1.2) + course
            length, middle = rng.uniform(8, size), rng.uniform(0, size)
            line = np.exp(-0.5 * ((down - depth) / rng.uniform(0.5, 1.8)) ** 2)
            made += contrast * rng.uniform(0.5, 1) * line * _inside(np.abs(along - middle) - length / 2, 2.0)
    return made if rng.random() < 0.8 else made.T


def _picture(rng: np.random.Generator, size: int, pool: ImagePool) -> np.ndarray:
    """Return a view of a picture as echogenicity in dB, with a random grey map and sometimes faint lesions."""
    grey = view(rng, size, pool)
    if rng.random() < 0.3:
        grey = np.interp(grey, np.linspace(0, 1, 6), [0, *rng.uniform(0.2, 1, 5)])  # other tissue is bright
    made = rng.uniform(25, 60) * (grey ** rng.uniform(0.5, 1.4) - 1)
    if rng.random() < 0.5:
        for _ in range(rng.integers(1, 5)):
            place, profile = shape(rng, size, _log_uniform(rng, 2.2, 14), float(rng.uniform(0.5, 1.5)))
            made[place] += rng.choice([-1, 1]) * rng.uniform(*FAINT) * profile
    return made


def view(
    rng: np.random.Generator, size: int, pool: ImagePool | Sequence[np.ndarray], turned: bool = True
) -> np.ndarray:
    """Return a random view of a picture, zoomed by .7 to 1.6 and turned, float64 (size, size) in [0, 1].

    Pictures of shape (H, W, N) give views of shape (size, size, N).
    """
    from scipy.ndimage import zoom

    scale = rng.uniform(0.7, 1.6)
    extent = int(np.ceil(size / scale)) + 1
    for _ in range(ATTEMPTS):
        image = pool[int(rng.integers(len(pool)))]
        planes = image.ndim - 2
        short = [max(0, extent - n) for n in image.shape[:2]]
        if any(short):
            image = np.pad(image, [*((n // 2, n - n // 2) for n in short), *planes * ((0, 0),)], mode="symmetric")
        top, left = (int(rng.integers(n - extent + 1)) for n in image.shape[:2])
        part = image[top : top + extent, left : left + extent] / 255.0
        if part.std() > 0.04:
            break
    made = np.clip(zoom(part, (size / extent, size / extent, *planes * (1,)), order=1), 0, 1)
    made = np.pad(made, [(0, max(0, size - n)) for n in made.shape[:2]] + planes * [(0, 0)], mode="edge")[:size, :size]
    return np.rot90(made, int(rng.integers(4))) if turned else made


def _inside(distance: np.ndarray, softness: float) -> np.ndarray:
    """Return 1 for negative and 0 for positive distances from a border, in between over some `softness` pixels."""
    from scipy.special import expit

    return expit(-distance / softness)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
