"""The training step of pix2pix, with the losses as configuration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss, mse_loss

from usbench.training.contracts import Batch

from .losses import brightness_loss, detail_loss, structure_loss, texture_loss
from .networks import PatchDiscriminator, initialise

DISTANCES = {
    "l1": l1_loss,
    "l2": mse_loss,
    "structure": structure_loss,
    "brightness": brightness_loss,
    "texture": texture_loss,
}
LONGEST_GRADIENT = 0.1  # norm of the generator's; with 1 (and a rate of 1e-3) a training ran away after 2,600 steps


@dataclass(frozen=True)
class Objective:
    r"""What the generator minimises: a weighted sum of distances to the target and of the adversarial loss.

    Attributes
    ----------
    l1, l2, structure, brightness, texture, detail
        Weights of the losses in `losses.py`. Losses are means over pixels of images in [0, 1].
    adversarial
        Weight of :math:`-\log C(x, G(x))`. pix2pix's :math:`\lambda_{L1} = 100` on images in [-1, 1] is 0.005 beside
        an `l1` of 1 here.
    adversarial_from
        Part of the training, in [0, 1], after which the critic takes part; it doubles the cost of a step.
    """

    l1: float = 1.0
    l2: float = 0.0
    structure: float = 0.0
    brightness: float = 0.0
    texture: float = 0.0
    detail: float = 0.0
    adversarial: float = 0.005
    adversarial_from: float = 0.0

    def distances(self) -> dict[str, float]:
        """Return the weight of each distance that counts."""
        return {name: weight for name in (*DISTANCES, "detail") if (weight := getattr(self, name))}


class Pix2Pix:
    r"""A generator G and a discriminator C trained on pairs (x, y).

    C minimises half the binary cross entropy of telling (x, y) from (x, G(x)); G minimises the `Objective`. What is
    shipped is the exponential moving average of G, which is steadier than its last state; that is ours, not pix2pix's.

    Parameters
    ----------
    generator
        Maps (B, C, H, W) in [0, 1] to (B, 1, H, W). Of several channels, C sees the first.
    critic_width
        Channels of the first layer of C (`ndf`).
    objective
        What G minimises.
    learning_rate, beta1
        Of Adam; 2e-4 and 0.5 in pix2pix.
    average_decay
        Of the moving average, per step.
    seed
        Of the critic's initial weights.

    References
    ----------
    Isola, Zhu, Zhou, Efros, "Image-to-image translation with conditional adversarial networks", CVPR 2017.
    """

    def __init__(
        self,
        generator: nn.Module,
        critic_width: int,
        objective: Objective,
        learning_rate: float = 2e-4,
        beta1: float = 0.5,
        average_decay: float = 0.998,
        seed: int = 0,
    ) -> None:
        critic = PatchDiscriminator(critic_width)
        initialise(critic, torch.Generator().manual_seed(seed))
        average = deepcopy(generator).requires_grad_(False).eval()
        self.networks: dict[str, nn.Module] = {"generator": generator, "critic": critic, "average": average}
        rates = {"generator": learning_rate, "critic": 2e-4}
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            name: torch.optim.Adam(self.networks[name].parameters(), rate, betas=(beta1, 0.999), fused=True)
            for name, rate in rates.items()
        }
        self.objective = objective
        self.average_decay = average_decay

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update C, then G, then the average; gradients are summed over the parts of the batch. Return the losses."""
        adversarial = self.objective.adversarial > 0 and progress >= self.objective.adversarial_from
        generated = [self.networks["generator"](source) for source, _ in parts]
        losses = self._step_critic(parts, generated, backward) if adversarial else {}
        losses |= self._step_generator(parts, generated, adversarial, backward)
        self._average(number)
        return losses

    def _step_critic(
        self, parts: Sequence[Batch], generated: Sequence[torch.Tensor], backward: Callable[..., None]
    ) -> dict[str, float]:
        critic, optimiser = self.networks["critic"], self.optimisers["critic"]
        optimiser.zero_grad()
        total = 0.0
        for (source, target), false in zip(parts, generated, strict=True):
            judged_false = critic(_pair(source, false.detach()))
            judged_true = critic(_pair(source, target))
            loss = 0.5 * (_cross_entropy(judged_false, 0.0) + _cross_entropy(judged_true, 1.0)) / len(parts)
            backward(loss)
            total += loss.item()
        optimiser.step()
        return {"critic": total}

    def _step_generator(
        self,
        parts: Sequence[Batch],
        generated: Sequence[torch.Tensor],
        adversarial: bool,
        backward: Callable[..., None],
    ) -> dict[str, float]:
        generator, critic, optimiser = self.networks["generator"], self.networks["critic"], self.optimisers["generator"]
        optimiser.zero_grad()
        critic.requires_grad_(False)
        losses: dict[str, float] = {}
        for (source, target), made in zip(parts, generated, strict=True):
            made = made.float()
            terms = {name: _distance(name, made, target, source) for name in self.objective.distances()}
            if adversarial:
                terms["adversarial"] = _cross_entropy(critic(_pair(source, made)), 1.0)
            weighted = [getattr(self.objective, name) * term for name, term in terms.items()]
            backward(torch.stack(weighted).sum() / len(parts))
            for name, term in terms.items():
                losses[name] = losses.get(name, 0.0) + term.item() / len(parts)
        critic.requires_grad_(True)
        norm = nn.utils.clip_grad_norm_(generator.parameters(), LONGEST_GRADIENT)
        if bool(norm.isfinite()):
            optimiser.step()
        return losses

    @torch.no_grad()
    def _average(self, number: int) -> None:
        decay = min(self.average_decay, (1 + number) / (10 + number))
        old, new = self.networks["average"].state_dict(), self.networks["generator"].state_dict()
        for name, value in old.items():
            if value.is_floating_point():
                value.lerp_(new[name], 1 - decay)
            else:
                value.copy_(new[name])

    @torch.no_grad()
    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the averaged generator's output in [0, 1]."""
        return self.networks["average"](source).float().clamp(0, 1)

    @torch.no_grad()
    def settle(self, sources: Iterable[torch.Tensor]) -> None:
        """Measure the averaged generator's own batch statistics: those of training belong to other weights."""
        average = self.networks["average"]
        norms = [module for module in average.modules() if isinstance(module, nn.BatchNorm2d)]
        if not norms:
            return
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over all batches
            norm.train()
        for source in sources:
            average(source)
        average.eval()

    def start_from(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take weights that were trained before instead of random ones."""
        for name in ("generator", "average"):
            self.networks[name].load_state_dict(weights)

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the averaged generator's state dict."""
        return dict(self.networks["average"].state_dict())


def _distance(name: str, made: torch.Tensor, target: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    if name == "detail":
        return detail_loss(made, target, source[:, :1])
    return DISTANCES[name](made, target)


def _pair(source: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """Return what the critic judges: condition and image, in [-1, 1]."""
    pair = 2 * torch.cat([source[:, :1], image.float()], 1) - 1
    return pair.contiguous(memory_format=torch.channels_last)


def _cross_entropy(logits: torch.Tensor, label: float) -> torch.Tensor:
    return binary_cross_entropy_with_logits(logits.float(), torch.full_like(logits, label, dtype=torch.float32))
