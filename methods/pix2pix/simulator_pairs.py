"""Training pairs of the simulator `S`."""

from dataclasses import dataclass

import numpy as np

from usbench.core.rng import generator
from usbench.training.contracts import Pair

from .bmode_frames import BmodeFrames, Frame, flat_contrast, grain_of
from .lrr import low_radiometric_resolution, lrr_of_scaled
from .pairs import ImagePool
from .style import Style, style_planes

OWN_LRR = 0.2  # share of the conditions that are the frame's own, with its speckle
WIDE_GRAIN = 5.0  # pixels; frames of a wider lateral grain are reduced more
POWERS = (0.6, 1.1)  # of the grey scale; scanners differ in their grey maps
MRI_POWERS = (0.6, 1.3)
GAINS = (0.45, 0.8)
BLACK = 0.03
LEAST_SHOWN, RARELY_SHOWN = 0.6, 0.2  # share of a crop that shows tissue; every seventh may show less
ATTEMPTS = 50
WINDOWS = 8  # of a crop, in which its grain is measured
USABLE = 0.97  # share of the styles that are kept


@dataclass
class SimulatorPairs:
    """Pairs of `S`: conditions made of a real B-mode image and of an MRI slice, and the B-mode image.

    The low-resolution version of a B-mode frame holds its speckle; that of an MRI slice holds none. So four of five
    conditions are made from the frame without its speckle, and `S` has to draw speckle rather than copy it. A pair has
    two drawings of the speckle, for the energy score, and an MRI slice in the same style, which has no target. Pairs 2n
    and 2n + 1 have the same slice, for `border_loss`.

    Parameters
    ----------
    frames
        Real B-mode.
    slices
        MRI slices; without any, the frame's condition is used twice.
    size
        Height and width of a pair in pixels.
    """

    frames: BmodeFrames
    slices: ImagePool
    size: int
    own_lrr: float = OWN_LRR

    def __call__(self, index: int) -> Pair:
        """Return the inputs of `S` (18, H, W): two drawings and one on MRI; and the B-mode image (H, W)."""
        rng = generator("gan-s", index)
        condition, target, style = self.conditioned(rng)
        mri = self.painted_on(generator("gan-s slice", index // 2)) if len(self.slices) else condition
        planes = [style_planes(condition, style, rng) for _ in range(2)]
        planes.append(style_planes(mri, style.on_picture(), rng))
        return np.concatenate(planes), target

    def conditioned(self, rng: np.random.Generator, version: int | None = None) -> tuple[np.ndarray, np.ndarray, Style]:
        """Return a condition, the B-mode image that belongs to it, both (H, W) float32, and the image's style.

        The condition is made from the given version of the frame (see `Frame`), by default from a random one.
        """
        frame, place, scale = self._place(rng)
        if version is None:
            version = 0 if rng.random() < self.own_lrr else int(rng.integers(1, len(frame.versions)))
        power = float(rng.uniform(*POWERS))
        views = [_resized(frame.versions[n][place] / np.float32(255), self.size) ** power for n in (0, version, -1)]
        if rng.random() < 0.5:
            views = [view[:, ::-1] for view in views]
        target, smooth, flat = views
        gain = max(float(np.quantile(smooth, 0.998)), float(rng.uniform(*GAINS)))
        flat_condition = lrr_of_scaled(np.clip(flat / gain, 0, 1))
        grain = grain_of(target, flat_condition, WINDOWS) or tuple(width * scale for width in frame.grain)
        contrast = flat_contrast(target, flat_condition)
        if contrast is None:
            contrast = frame.contrast * power * max(float(target.mean()), 0.05) ** ((power - 1) / (2 * power))
        style = Style(grain[0], grain[1], contrast, gain)
        return lrr_of_scaled(np.clip(smooth / gain, 0, 1)), np.ascontiguousarray(target, np.float32), style

    def painted_on(self, rng: np.random.Generator) -> np.ndarray:
        """Return the condition of a random view of an MRI slice, (H, W) float32."""
        for _ in range(ATTEMPTS):
            image = self.slices[int(rng.integers(len(self.slices)))]
            extent = min(round(self.size / float(rng.uniform(0.5, 1.2))), *image.shape)
            top, left = (int(rng.integers(n - extent + 1)) for n in image.shape)
            view = image[top : top + extent, left : left + extent] / np.float32(255)
            if view.std() > 0.05:
                break
        view = np.rot90(_resized(view, self.size), int(rng.integers(4)))
        return low_radiometric_resolution(view ** float(rng.uniform(*MRI_POWERS)))

    def _place(self, rng: np.random.Generator) -> tuple[Frame, tuple[slice, slice], float]:
        """Return a frame, a square of it that shows tissue, and the factor by which that is resized."""
        least = LEAST_SHOWN if rng.random() < 0.85 else RARELY_SHOWN
        for _ in range(ATTEMPTS):
            frame = self.frames.draw(rng)
            scale = float(rng.uniform(0.45, 1.0) if frame.grain[1] > WIDE_GRAIN else rng.uniform(0.7, 1.1))
            shape = frame.versions.shape[1:]
            extent = min(int(np.ceil(self.size / scale)), *shape)
            top, left = (int(rng.integers(n - extent + 1)) for n in shape)
            place = slice(top, top + extent), slice(left, left + extent)
            if (frame.versions[0][place] > 255 * BLACK).mean() > least:
                break
        return frame, place, self.size / extent


def _resized(image: np.ndarray, size: int) -> np.ndarray:
    """Return a square image resized with anti-aliasing, float32 in [0, 1]."""
    import torch
    from torch.nn.functional import interpolate

    plane = torch.from_numpy(np.ascontiguousarray(image, np.float32))[None, None]
    return interpolate(plane, (size, size), mode="bilinear", antialias=True, align_corners=False)[0, 0].numpy()


def styles_of(pairs: SimulatorPairs, count: int, name: str) -> list[Style]:
    """Return styles of real images, without those of the strongest contrast and widest grain, and none that is dark.

    In the ones left out, anatomy cannot be seen.
    """
    found = [pairs.conditioned(generator(name, number))[2] for number in range(count)]
    strong, wide = (np.quantile([getattr(style, name) for style in found], USABLE) for name in ("contrast", "lateral"))
    return [style for style in found if style.contrast <= strong and style.lateral <= wide and style.gain >= 0.5]
