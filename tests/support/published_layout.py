"""The published `unet_256`, written down from its public tensor names alone, and archives of it.

It shares nothing with `usbench.methods.pix2pix.networks`, so that agreement of the two is a test.
"""

import io
import tarfile
from pathlib import Path

import torch
from torch import nn

FOLDERS = {"gan-d-zenodo": "US_denoising_GAN", "gan-s-zenodo": "US_simulator_GAN"}


class Holder(nn.Module):
    """Only gives its sequence the name `model`."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Joined(Holder):
    """A level whose output is joined to its input."""

    def forward(self, x):
        return torch.cat([x, self.model(x)], 1)


def down(outer: int, inner: int) -> nn.Module:
    return nn.Conv2d(outer, inner, kernel_size=4, stride=2, padding=1, bias=False)


def up(inner: int, outer: int, bias: bool = False) -> nn.Module:
    return nn.ConvTranspose2d(inner, outer, kernel_size=4, stride=2, padding=1, bias=bias)


def published_unet(ngf: int, channels: int = 1, dropout: float = 0.5) -> nn.Module:
    """Return the generator: its keys run from `model.model.0.weight` to `model.model.3.bias`."""
    widths = [ngf, 2 * ngf, 4 * ngf, 8 * ngf, 8 * ngf, 8 * ngf, 8 * ngf, 8 * ngf]
    # innermost level: 1 is the convolution down, 3 the one up, 4 the norm
    level: nn.Module = Joined(
        nn.LeakyReLU(0.2, True), down(widths[6], widths[7]), nn.ReLU(True), up(widths[7], widths[6]),
        nn.BatchNorm2d(widths[6]),
    )  # fmt: skip
    for n in range(6, 0, -1):  # in between: 1 down, 2 norm, 3 what is inside, 5 up, 6 norm
        layers = [
            nn.LeakyReLU(0.2, True), down(widths[n - 1], widths[n]), nn.BatchNorm2d(widths[n]), level, nn.ReLU(True),
            up(2 * widths[n], widths[n - 1]), nn.BatchNorm2d(widths[n - 1]),
        ]  # fmt: skip
        level = Joined(*layers, *([nn.Dropout(dropout)] if n in (4, 5, 6) else []))
    whole = Holder(nn.Identity())
    whole.model = Holder(down(channels, ngf), level, nn.ReLU(True), up(2 * ngf, channels, bias=True), nn.Tanh())
    return whole


def random_unet(ngf: int, seed: int = 0, **options) -> nn.Module:
    """Return a generator whose weights are larger than those of a fresh one, so that its output is no grey mush."""
    torch_rng = torch.Generator().manual_seed(seed)
    network = published_unet(ngf, **options)
    with torch.no_grad():
        for name, value in network.named_parameters():
            norm_gain = value.ndim == 1 and name.endswith("weight")
            value.copy_(torch.randn(value.shape, generator=torch_rng) * 0.15 + (1.0 if norm_gain else 0.0))
    return network


def pth(state: dict, **options) -> bytes:
    """Return what `torch.save` writes."""
    stream = io.BytesIO()
    torch.save(state, stream, **options)
    return stream.getvalue()


def write_archive(
    file: Path, contents: dict[str, bytes], top: str = "USGAN_pix2pix_weights/", mode: str = "w:gz"
) -> Path:
    """Write an archive with the given contents by plugin name (its folder is added) or by path."""
    with tarfile.open(file, mode) as archive:
        for name, content in contents.items():
            path = f"{top}{FOLDERS[name]}/latest_net_G.pth" if name in FOLDERS else name
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file


def published_archive(file: Path, ngf: int = 2) -> Path:
    """Write an archive with both generators, small and random."""
    return write_archive(file, {name: pth(random_unet(ngf, seed).state_dict()) for seed, name in enumerate(FOLDERS)})
