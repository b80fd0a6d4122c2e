"""IR-SDE: draws clean images with a diffusion that starts from the speckled one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from usbench.core.errors import MethodError
from usbench.core.method import MethodCard

from ..trained_card import TrainedCard
from .despeckler import SUPERVISED, DeepDespeckler

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch import nn


@dataclass(frozen=True)
class IrSde(DeepDespeckler):
    r"""A mean-reverting diffusion takes the clean image to the speckled one; a network learns the reverse process.

    .. math:: dx = \theta_t (y - x) \, dt + \sigma_t \, dw, \qquad \sigma_t^2 = 2 \lambda^2 \theta_t

    .. math:: x_t = y + (x_0 - y) e^{-\bar\theta_t} + \lambda \sqrt{1 - e^{-2 \bar\theta_t}} \, \epsilon, \qquad
              \bar\theta_t = \int_0^t \theta_s \, ds

    .. math:: \min_F \; \overline{(F(x_t, y, t) - x_0)^2}

    It starts at :math:`y + \lambda \epsilon` and steps back by :math:`p(x_s \mid x_t, x_0 = F(x_t, y, t))`, whose mean
    is the optimum reverse state of the paper. The result is the mean of a few draws; their standard deviation is the
    uncertainty.

    The paper's network predicts the noise :math:`\epsilon`, which by the second equation is equivalent to predicting
    :math:`x_0`. Its maximum-likelihood loss is the distance from the optimum reverse state, which is the distance from
    :math:`x_0` times a factor that depends on :math:`t`. Here the network predicts :math:`x_0` with a factor of 1,
    which keeps its precision in bf16 and with few steps. The loss is squared, so that it learns the expected
    :math:`x_0`; the authors' code has L1. The cosine schedule of :math:`\theta_t` is theirs.

    Parameters
    ----------
    steps
        Reverse steps; time is proportional to them. The paper has 100. With the shipped weights, which were trained
        briefly, more steps leave noise: on six validation images SSIM is .81 after 1 step, .82 after 2, .74 after 3 and
        .60 after 10.
    draws
        Draws that are averaged; time is proportional to them. At the defaults their standard deviation correlates with
        the error of the mean at .4 to .7 on those images.
    seed
        Seed of the noise. The same image gives the same result.

    References
    ----------
    Luo, Gustafsson, Zhao, Sjölund, Schön, "Image restoration with mean-reverting stochastic differential equations",
    ICML 2023, PMLR 202:23045-23066. For ultrasound: Chen, Wu, Luke, "IRSDE-Despeckle: a physics-grounded diffusion
    model for generalizable ultrasound despeckling", arXiv:2602.22717, 2026; there the uncertainty is the variance over
    several trained models.
    """

    name = "ir-sde"
    card = TrainedCard(
        MethodCard,
        title="IR-SDE, small",
        family=SUPERVISED,
        citation="Luo et al., ICML 2023, PMLR 202:23045-23066",
        doi="10.48550/arXiv.2301.11699",
        note="The paper's diffusion and schedule, with the network of gan-d in place of the paper's. It predicts the "
        "clean image in 2 steps, chosen on validation images, where the paper has 100. The mean of 8 draws is scored; "
        "their standard deviation is the uncertainty. Data and optimiser are those of gan-d-short.",
        default_from={"steps": "ours", "draws": "ours"},
    )
    sizes: ClassVar = {"width": 32, "blocks": 1}
    loss: ClassVar = {"l2": 1.0}

    steps: Annotated[int, Field(ge=1)] = 2
    draws: Annotated[int, Field(ge=1)] = 8
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @classmethod
    def build(cls, about: Mapping[str, Any]) -> "nn.Module":
        """Return the untrained network that a weights card describes."""
        from .networks.level_unet import LevelUnet

        return LevelUnet(int(about["width"]), int(about["blocks"]))

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the mean of the draws of each image."""
        import torch

        return torch.cat([drawn.mean(0, keepdim=True) for drawn in self._drawn(image)])

    def uncertainty(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the standard deviation of the draws of each image, at each pixel."""
        import torch

        if self.draws < 2:
            raise MethodError(f"{self.label} has no uncertainty: that takes 2 draws or more.")
        return torch.cat([drawn.std(0, keepdim=True) for drawn in self._drawn(image)])

    def _drawn(self, images: "torch.Tensor") -> "Iterator[torch.Tensor]":
        from .mean_reverting_sde import draw

        network = self.network_for(images)
        return (draw(network, image, self.steps, self.draws, self.seed) for image in images.split(1))

    def graph(self, network: "nn.Module") -> "nn.Module":
        """Return the module that `usbench export` writes: all steps and draws, with the noise as a second input."""
        from .networks.sampler import Sampler

        return Sampler(network, self.steps, self.draws)

    @classmethod
    def training(cls) -> dict[str, Any]:
        """Return what `deep_recipe` needs beside the network."""
        from .states import StatePairs, StateRegression

        return {"task": StateRegression, "pairs": StatePairs}
