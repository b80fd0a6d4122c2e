"""All draws of a diffusion for one image as one module: the graph that `usbench export` writes of `ir-sde`."""

import torch
from torch import nn

from ..mean_reverting_sde import back


class Sampler(nn.Module):
    """Returns the mean and the standard deviation of the draws, each (1, 1, H, W).

    Parameters
    ----------
    network
        As in `mean_reverting_sde.draw`.
    steps, draws
        Number of each, at least 1; with one draw only the mean is returned.
    """

    def __init__(self, network: nn.Module, steps: int, draws: int) -> None:
        super().__init__()
        self.network, self.steps = network, steps
        self.tiling = network.tiling
        self.inputs = {"image": (1, 1), "noise": (steps, draws)}
        self.outputs = ("despeckled", "uncertainty")[: 1 + (draws > 1)]

    def forward(self, image: torch.Tensor, noise: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Draw from an image (1, 1, H, W) in [0, 1] with standard normal noise (steps, draws, H, W)."""
        drawn = back(self._clean, image, noise.unsqueeze(2).unbind(0), self.steps)
        mean = drawn.mean(0, keepdim=True)
        return (mean,) if len(drawn) == 1 else (mean, drawn.std(0, keepdim=True))

    def _clean(self, stack: torch.Tensor) -> torch.Tensor:
        return self.network(stack).clamp(0, 1)  # as `translate` does
