"""Zero-shot Noise2Noise: two half-size images made of one image predict each other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from usbench.core.method import MethodCard

from .zero_shot import ZeroShot, middle, mirrored, seeded

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class ZsN2N(ZeroShot):
    r"""A small network is fitted to predict each of two half-size images, made of the diagonals of 2 x 2 cells.

    .. math:: \min_f \; \tfrac12 \overline{(f(D_1 y) - D_2 y)^2} + \tfrac12 \overline{(f(D_2 y) - D_1 y)^2}
              + \tfrac12 \overline{(f(D_1 y) - D_1 f(y))^2} + \tfrac12 \overline{(f(D_2 y) - D_2 f(y))^2}

    :math:`D_1` and :math:`D_2` are the means of the two diagonals of each cell. If noise is independent from pixel to
    pixel, the halves show the same image under independent noise. Both halves share speckle wider than a pixel, which
    is therefore kept.

    Parameters
    ----------
    iterations
        Steps of Adam; the learning rate is halved every 1,000.
    seed
        Seed of the initial weights. The same image gives the same result.
    width
        Channels of the network.
    learning_rate
        Initial learning rate of Adam.

    References
    ----------
    Mansour, Heckel, "Zero-shot Noise2Noise: efficient image denoising without any data", CVPR 2023, pp. 14018-14027.
    """

    name = "zs-n2n"
    card = MethodCard(
        title="Zero-shot Noise2Noise",
        family="deep, zero-shot",
        citation="Mansour, Heckel, CVPR 2023, pp. 14018-14027",
        doi="10.1109/CVPR52729.2023.01347",
        note="Nothing is trained beforehand. A 256 x 256 image takes 5 minutes of one core of an Intel Xeon (AVX-512; "
        "from the time of some of its 2,000 steps), and up to 20 in a run.",
        default_from={"iterations": "paper", "width": "paper", "learning_rate": "paper"},
    )
    hours = "zs-n2n takes 5 minutes of one core for 256 x 256 pixels; name it with --method."

    iterations: Annotated[int, Field(ge=1)] = 2000
    width: Annotated[int, Field(ge=1)] = 48
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3

    def fit(self, image: "torch.Tensor") -> "torch.Tensor":
        """Fit the network to the halves of the image and return its result on the whole, (1, 1, H, W)."""
        import torch

        from .networks.zs_n2n import SmallNetwork

        height, width = image.shape[2:]
        noisy = mirrored(image, multiple=2, least=2).contiguous(memory_format=torch.channels_last)
        network = seeded(lambda: SmallNetwork(self.width), self.seed).to(image.device)
        optimiser = torch.optim.Adam(network.parameters(), self.learning_rate)
        schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1000, 0.5)
        for _ in range(self.iterations):
            optimiser.zero_grad()
            symmetric_loss(network, noisy).backward()
            optimiser.step()
            schedule.step()
        with torch.no_grad():
            return middle(network(noisy), height, width)


def halves(image: "torch.Tensor") -> "tuple[torch.Tensor, torch.Tensor]":
    """Return the means of the two diagonals of each 2 x 2 cell, each (B, 1, H / 2, W / 2)."""
    upper, lower = image[:, :, ::2], image[:, :, 1::2]
    return (upper[..., 1::2] + lower[..., ::2]) / 2, (upper[..., ::2] + lower[..., 1::2]) / 2


def symmetric_loss(network: "nn.Module", noisy: "torch.Tensor") -> "torch.Tensor":
    """Return the error of predicting each half from the other, plus that of the results against the whole's halves."""
    from torch.nn.functional import mse_loss

    first, second = halves(noisy)
    of_first, of_second = network(first), network(second)
    first_of, second_of = halves(network(noisy))
    residual = mse_loss(of_first, second) + mse_loss(of_second, first)
    consistency = mse_loss(of_first, first_of) + mse_loss(of_second, second_of)
    return (residual + consistency) / 2
