"""The training step of a regression with configurable losses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import l1_loss, mse_loss

from usbench.training.contracts import Batch

from .losses import (
    psnr_loss,
    relative_loss,
    response_loss,
    structure_loss,
    total_variation,
)

Terms = dict[str, tuple[float, torch.Tensor]]  # weight and value of each loss, by name

DISTANCES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "l1": l1_loss,
    "l2": mse_loss,
    "structure": structure_loss,
    "psnr": psnr_loss,
}
LONGEST_GRADIENT = 0.1  # gradients are clipped to this norm; with 1 (and a rate of 1e-3) one diverged after 2,600 steps


@dataclass(frozen=True)
class Objective:
    r"""Weights of the losses of a generator: distances to the target, and the adversarial loss.

    Attributes
    ----------
    l1, l2, structure, psnr, variation, response, relative
        Weights of the losses in `losses.py`. Losses are means over pixels of images in [0, 1]. `response` needs pairs
        with and without lesions (see `LesionPairs`).
    adversarial
        Weight of :math:`-\log C(x, G(x))`. pix2pix's :math:`\lambda_{L1} = 100` on images in [-1, 1] corresponds to
        0.005 with an `l1` of 1 here.
    adversarial_from
        Fraction of the training, in [0, 1], after which the critic takes part; it doubles the cost of a step.
    """

    l1: float = 1.0
    l2: float = 0.0
    structure: float = 0.0
    psnr: float = 0.0
    variation: float = 0.0
    response: float = 0.0
    relative: float = 0.0
    adversarial: float = 0.005
    adversarial_from: float = 0.0

    def terms(self, made: torch.Tensor, target: torch.Tensor, source: torch.Tensor) -> Terms:
        """Return the distances of non-zero weight, each with its weight."""
        terms = {name: (getattr(self, name), distance) for name, distance in DISTANCES.items() if getattr(self, name)}
        found: Terms = {name: (weight, distance(made, target)) for name, (weight, distance) in terms.items()}
        if self.variation:
            found["variation"] = self.variation, total_variation(made)
        if self.response:
            found["response"] = self.response, response_loss(made, target)
        if self.relative:
            found["relative"] = self.relative, relative_loss(made, target, source)
        return found


def accumulate(
    optimiser: torch.optim.Optimizer, parts: Iterable[Terms], count: int, backward: Callable[..., None]
) -> dict[str, float]:
    """Accumulate gradients over `count` micro-batches and return the mean losses by name."""
    optimiser.zero_grad()
    losses: dict[str, float] = {}
    for terms in parts:
        backward(torch.stack([weight * term for weight, term in terms.values()]).sum() / count)
        for name, (_, term) in terms.items():
            losses[name] = losses.get(name, 0.0) + term.item() / count
    return losses


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Update the moving average of a network's weights; counters are copied."""
    new = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(new[name], 1 - decay)
        else:
            value.copy_(new[name])


class Regression:
    """A generator G trained on pairs (x, y) so that G(x) approximates y, without a critic.

    The exported network is the exponential moving average of G, which fluctuates less than its last state.

    Parameters
    ----------
    generator
        Maps (B, C, H, W) in [0, 1] to (B, 1, H, W).
    objective
        Weights of the losses.
    learning_rate, beta1
        Parameters of Adam.
    average_decay
        Decay of the moving average per step.
    """

    def __init__(
        self,
        generator: nn.Module,
        objective: Objective,
        learning_rate: float = 5e-4,
        beta1: float = 0.9,
        average_decay: float = 0.998,
    ) -> None:
        average = deepcopy(generator).requires_grad_(False).eval()
        self.networks: dict[str, nn.Module] = {"generator": generator, "average": average}
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            "generator": torch.optim.Adam(generator.parameters(), learning_rate, betas=(beta1, 0.999), fused=True)
        }
        self.objective = objective
        self.average_decay = average_decay

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update G, then the average, and return the losses; gradients accumulate over micro-batches."""
        parts = [self.unfolded(part) for part in parts]
        terms = (self.terms(source, target, progress) for source, target in parts)
        losses = self.descend(terms, len(parts), backward)
        self.update_average(number)
        return losses

    def unfolded(self, part: Batch) -> Batch:
        """Return a micro-batch with images of one channel: first all without lesions, then all with lesions."""
        if not self.objective.response:
            return part
        source, target = (torch.cat(images.split(1, 1)) for images in part)
        return source.contiguous(memory_format=torch.channels_last), target

    def terms(self, source: torch.Tensor, target: torch.Tensor, progress: float) -> Terms:
        """Return the losses of G on a micro-batch, with their weights."""
        return self.objective.terms(self.networks["generator"](source).float(), target, source)

    def descend(self, parts: Iterable[Terms], count: int, backward: Callable[..., None]) -> dict[str, float]:
        """Update G with gradients accumulated over `count` micro-batches and return the losses."""
        optimiser = self.optimisers["generator"]
        losses = accumulate(optimiser, parts, count, backward)
        norm = nn.utils.clip_grad_norm_(self.networks["generator"].parameters(), LONGEST_GRADIENT)
        if bool(norm.isfinite()):
            optimiser.step()
        return losses

    @torch.no_grad()
    def update_average(self, number: int) -> None:
        """Update the moving average of G after step `number`."""
        decay = min(self.average_decay, (1 + number) / (10 + number))
        update_average(self.networks["average"], self.networks["generator"], decay)

    @torch.no_grad()
    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the averaged generator's output in [0, 1]."""
        return self.networks["average"](source).float().clamp(0, 1)

    @torch.no_grad()
    def calibrate_batch_norm(self, sources: Iterable[torch.Tensor]) -> None:
        """Measure the batch-norm statistics of the averaged generator; those of training belong to other weights."""
        average = self.networks["average"]
        norms = [module for module in average.modules() if isinstance(module, nn.BatchNorm2d)]
        if not norms:
            return
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a cumulative mean over all batches
            norm.train()
        for source in sources:
            average(source)
        average.eval()

    def start_from(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Start from given weights instead of random ones."""
        for name in ("generator", "average"):
            self.networks[name].load_state_dict(weights)

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the averaged generator's state dict."""
        return dict(self.networks["average"].state_dict())
