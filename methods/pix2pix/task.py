"""The training step of pix2pix: a regression with a critic."""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from usbench.training.contracts import Batch

from .networks import PatchDiscriminator, initialise
from .regression import Objective, Regression, Terms

CRITIC_RATE = 2e-4


class Pix2Pix(Regression):
    r"""A generator G and a discriminator C trained on pairs (x, y).

    C minimises half the binary cross entropy of discriminating (x, y) from (x, G(x)); G minimises the `Objective`. The
    exported network is the exponential moving average of G, which is ours, not pix2pix's.

    Parameters
    ----------
    generator
        Maps (B, C, H, W) in [0, 1] to (B, 1, H, W). The critic sees the first channel of the input.
    critic_width
        Channels of the first layer of C (`ndf`).
    objective
        Weights of the losses of G.
    learning_rate, beta1
        Parameters of Adam; 2e-4 and 0.5 in pix2pix.
    average_decay
        Decay of the moving average per step.
    seed
        Seed of the critic's initial weights.

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
        super().__init__(generator, objective, learning_rate, beta1, average_decay)
        critic = PatchDiscriminator(critic_width)
        initialise(critic, torch.Generator().manual_seed(seed))
        self.networks["critic"] = critic
        self.optimisers["critic"] = torch.optim.Adam(critic.parameters(), CRITIC_RATE, betas=(beta1, 0.999), fused=True)

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update C, then G, then the average, and return the losses; gradients accumulate over micro-batches."""
        parts = [self.unfolded(part) for part in parts]
        adversarial = self.objective.adversarial > 0 and progress >= self.objective.adversarial_from
        generated = [self.networks["generator"](source) for source, _ in parts]
        losses = self._step_critic(parts, generated, backward) if adversarial else {}
        self.networks["critic"].requires_grad_(False)
        terms = (
            self._judged(source, target, made.float(), adversarial)
            for (source, target), made in zip(parts, generated, strict=True)
        )
        losses |= self.descend(terms, len(parts), backward)
        self.networks["critic"].requires_grad_(True)
        self.update_average(number)
        return losses

    def _judged(self, source: torch.Tensor, target: torch.Tensor, made: torch.Tensor, adversarial: bool) -> Terms:
        terms = self.objective.terms(made, target, source)
        if adversarial:
            judged = self.networks["critic"](_pair(source, made))
            terms["adversarial"] = self.objective.adversarial, _cross_entropy(judged, 1.0)
        return terms

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


def _pair(source: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """Return the input of the critic: condition and image, in [-1, 1]."""
    pair = 2 * torch.cat([source[:, :1], image.float()], 1) - 1
    return pair.contiguous(memory_format=torch.channels_last)


def _cross_entropy(logits: torch.Tensor, label: float) -> torch.Tensor:
    return binary_cross_entropy_with_logits(logits.float(), torch.full_like(logits, label, dtype=torch.float32))
