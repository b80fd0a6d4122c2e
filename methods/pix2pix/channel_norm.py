"""Layer normalisation over the channels of each pixel, used by NAFNet and Restormer."""

import torch
from torch import nn
from torch.nn.functional import layer_norm


class ChannelNorm(nn.Module):
    """Divides each pixel's channels by their standard deviation, about their mean.

    Parameters
    ----------
    channels
        Number of channels.
    centred
        Whether the mean is subtracted first and a bias added after; Restormer's norm without bias does neither.
    eps
        Added to the variance.
    """

    def __init__(self, channels: int, centred: bool = True, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if centred else None
        self.eps = eps

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape, (B, C, H, W)."""
        if self.bias is not None and not torch.compiler.is_exporting():
            last = features.permute(0, 2, 3, 1)
            return layer_norm(last, self.weight.shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)
        variance = features.var(1, unbiased=False, keepdim=True)
        centred = features if self.bias is None else features - features.mean(1, keepdim=True)
        scaled = centred / (variance + self.eps).sqrt() * self.weight[:, None, None]
        return scaled if self.bias is None else scaled + self.bias[:, None, None]
