"""The networks of the simulator `S`: a U-Net that shapes drawn speckle, and a critic of textures."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import leaky_relu, pad, pixel_shuffle, pixel_unshuffle

from .losses import smoothed
from .residual_unet import through_levels
from .style import PLANES
from .tiles import Tiling

LEVELS = 4
MULTIPLE = 2**LEVELS  # pixels; height and width are padded to a multiple of this
WIDEST = 64  # channels
BORDER_SIGMA, STEP_SIGMA = 1.0, 4.0  # pixels; smooth the borders of the condition, and its steps of one grey level
STEP = 0.2  # range within 9 x 9 pixels from which there is a border: two grey levels
CHANGE_SIGMA = 0.85  # pixels; removes the checkerboard of the half-resolution output
FLOOR = 0.03  # grey of what is black in the condition
SPECKLE, COARSE = 0.12, 0.04  # strength of the two speckle fields before training
CHANCE = 1.386  # 2 ln 2: the loss of a critic that cannot tell
LOCAL_MEAN = 4.0  # pixels; sigma of the local mean that a texture is seen against


class SpeckleUnet(nn.Module):
    r"""A U-Net that turns a condition and drawn speckle into ultrasound.

    The output is :math:`b + r_0 + \sqrt b\,((.12 + r_1) n_1 + (.04 + r_2) n_2)`. Here b is the smoothed condition times
    the gain, n are the speckle fields, and r is what the network predicts at every pixel: a change of grey, and the
    strength of the speckle. Nothing in it is global, so a tile is treated as the whole image is.

    Parameters
    ----------
    width
        Channels of the first level, at half resolution; they double with each level up to 64.
    """

    tiling = Tiling(size=1024, overlap=128, fixed=False)

    def __init__(self, width: int = 20) -> None:
        super().__init__()
        channels = [min(width * 2**level, WIDEST) for level in range(LEVELS)]
        steps = list(pairwise(channels))
        self.head = nn.Conv2d(4 * PLANES, width, 3, padding=1)
        self.encode = nn.ModuleList(PlainBlock(count) for count in channels)
        self.decode = nn.ModuleList(PlainBlock(count) for count in channels[:-1])
        self.down = nn.ModuleList(nn.Conv2d(outer, inner, 2, stride=2) for outer, inner in steps)
        self.up = nn.ModuleList(nn.Conv2d(inner, 4 * outer, 1) for outer, inner in steps)
        self.last = nn.Conv2d(width, width, 3, padding=1)
        self.tail = nn.Conv2d(width, 12, 3, padding=1)
        with torch.no_grad():
            self.tail.weight *= 0.1
            nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    @property
    def number_type(self) -> torch.dtype:
        """The type of the planes that go with its weights: float64, or float32 for weights of fewer bits."""
        return torch.float64 if self.head.weight.dtype == torch.float64 else torch.float32

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """Return the image (B, 1, H, W), nearly within [0, 1], for `style_planes` (B, 6, H, W)."""
        made = painted(planes, self.components(planes))
        shown = made.clamp(0, 1)
        return shown + 0.05 * (made - shown)  # a little beyond the range, so that there is a gradient back into it

    def components(self, planes: torch.Tensor) -> torch.Tensor:
        """Return what an image is made of, (B, 3, H, W): grey without speckle, and strengths of the two fields."""
        height, width = planes.shape[2:]
        padded = pad(planes, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
        features = self.head(pixel_unshuffle(padded.to(self.head.weight.dtype), 2))
        features = through_levels(features, self.encode, self.down, self.up, self.decode)
        change = pixel_shuffle(self.tail(leaky_relu(self.last(features), 0.1)), 2)[:, :, :height, :width]
        with torch.autocast(planes.device.type, enabled=False):
            change = smoothed(change.to(planes.dtype), CHANGE_SIGMA)
            base = base_of(planes)
            start = planes.new_tensor([SPECKLE, COARSE])[:, None, None]
            return torch.cat([base + change[:, :1], base.sqrt() * (start + change[:, 1:])], 1)


def base_of(planes: torch.Tensor) -> torch.Tensor:
    """Return the image (B, 1, H, W) from which `S` starts: the condition without its steps, as bright as the gain says.

    The steps between neighbouring grey levels of the condition are no borders, and are smoothed more than borders are.
    """
    condition = planes[:, :1]
    clear = smoothed((grey_range(condition) > STEP).to(planes.dtype), BORDER_SIGMA)
    base = clear * smoothed(condition, BORDER_SIGMA) + (1 - clear) * smoothed(condition, STEP_SIGMA)
    return base * planes[:, 5:] + FLOOR


def grey_range(condition: torch.Tensor) -> torch.Tensor:
    """Return the range of a condition (B, 1, H, W) within 9 x 9 pixels."""
    both = torch.cat([condition, -condition], 1)
    return _largest_of_nine(_largest_of_nine(both, 2), 3).sum(1, keepdim=True)


def _largest_of_nine(planes: torch.Tensor, dim: int) -> torch.Tensor:
    """Return the largest of nine neighbours along a dimension; `max_pool2d` takes twenty times as long."""
    side = (0, 0, 4, 4) if dim == 2 else (4, 4, 0, 0)
    windows = pad(planes, side, value=-torch.inf)
    for shift in (1, 2, 4, 1):
        count = windows.shape[dim] - shift
        windows = torch.maximum(windows.narrow(dim, 0, count), windows.narrow(dim, shift, count))
    return windows


def painted(planes: torch.Tensor, components: torch.Tensor) -> torch.Tensor:
    """Return the image (B, 1, H, W) of components, with the speckle fields in the second and third plane."""
    return components[:, :1] + (components[:, 1:] * planes[:, 1:3]).sum(1, keepdim=True)


class PlainBlock(nn.Module):
    """A residual block of two 3 x 3 convolutions that starts as the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before = nn.Conv2d(channels, channels, 3, padding=1)
        self.after = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.after.weight)
        nn.init.zeros_(self.after.bias)  # type: ignore[arg-type]

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        return features + self.after(leaky_relu(self.before(features), 0.1))


class TextureCritic(nn.Module):
    """A PatchGAN on patches of 34 pixels that sees the fine structure of an image and its local mean.

    It has no condition, so it can judge images whose truth is not known.

    Parameters
    ----------
    width
        Channels of the first layer.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.register_buffer("mean_loss", torch.tensor(CHANCE))  # moving average, kept with the checkpoint
        self.layers = nn.Sequential(
            nn.Conv2d(2, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 2 * width, 4, 1, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 4, 1, 1),
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return patch logits (B, 1, h, w) of images (B, 1, H, W); high means real."""
        low = smoothed(image, LOCAL_MEAN)
        return self.layers(torch.cat([8 * (image - low), 2 * low - 1], 1).contiguous(memory_format=torch.channels_last))
