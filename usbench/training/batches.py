"""Batches of pairs, made ahead of time in separate processes."""

from collections.abc import Iterator

import numpy as np
import torch
from lightning_fabric import Fabric
from torch.utils.data import DataLoader, Dataset

from .contracts import Batch, Pairs

AHEAD = 4  # batches that each process keeps ready


class _Numbered(Dataset[Batch]):
    """Pairs `first` to `last` as a map-style data set."""

    def __init__(self, pairs: Pairs, first: int, last: int) -> None:
        self.pairs, self.first, self.last = pairs, first, last

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, index: int) -> Batch:
        source, target = self.pairs(self.first + index)
        return _with_channels(source), _with_channels(target)


def _with_channels(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image if image.ndim == 3 else image[None])


def batches(pairs: Pairs, first: int, last: int, batch: int, fabric: Fabric, loaders: int) -> Iterator[Batch]:
    """Yield pairs `first` to `last` in batches, each with this device's share; sources are channels_last."""
    numbered = _Numbered(pairs, first, last)
    loader = DataLoader(
        numbered,
        batch // fabric.world_size,
        num_workers=loaders,
        persistent_workers=loaders > 0,
        prefetch_factor=AHEAD if loaders else None,
        pin_memory=fabric.device.type == "cuda",
    )
    for source, target in fabric.setup_dataloaders(loader):
        yield source.contiguous(memory_format=torch.channels_last), target
