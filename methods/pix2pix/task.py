"""The training step of pix2pix."""

from collections.abc import Callable, Iterable
from copy import deepcopy

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss

from .networks import PatchDiscriminator, UnetGenerator, initialise


class Pix2Pix:
    r"""A generator G and a discriminator C trained on pairs (x, y).

    C minimises half the binary cross entropy of telling (x, y) from (x, G(x)); G minimises
    :math:`-\log C(x, G(x)) + \lambda |y - G(x)|_1`. What is shipped is the exponential moving average of G, which is
    steadier than its last state; that is ours, not pix2pix's.

    Parameters
    ----------
    width, critic_width
        Channels of the first layer of G (`ngf`) and C (`ndf`).
    l1_weight
        :math:`\lambda`; 100 in pix2pix.
    learning_rate
        Of both Adam optimisers (beta1 0.5); 2e-4 in pix2pix.
    average_decay
        Of the moving average, per step.
    seed
        Of the initial weights.

    References
    ----------
    Isola, Zhu, Zhou, Efros, "Image-to-image translation with conditional adversarial networks", CVPR 2017.
    """

    def __init__(
        self,
        width: int = 64,
        critic_width: int = 64,
        l1_weight: float = 100.0,
        learning_rate: float = 2e-4,
        average_decay: float = 0.998,
        seed: int = 0,
    ) -> None:
        rng = torch.Generator().manual_seed(seed)
        generator, critic = UnetGenerator(width), PatchDiscriminator(critic_width)
        initialise(generator, rng)
        initialise(critic, rng)
        average = deepcopy(generator).requires_grad_(False).eval()
        self.networks: dict[str, nn.Module] = {"generator": generator, "critic": critic, "average": average}
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            name: torch.optim.Adam(self.networks[name].parameters(), learning_rate, betas=(0.5, 0.999), fused=True)
            for name in ("generator", "critic")
        }
        self.l1_weight = l1_weight
        self.average_decay = average_decay

    def step(self, source: torch.Tensor, target: torch.Tensor, backward: Callable[..., None]) -> dict[str, float]:
        """Update C, then G, then the average on one batch in [0, 1]; return the losses."""
        generator, critic = self.networks["generator"], self.networks["critic"]
        source, target = 2 * source - 1, 2 * target - 1
        generated = generator(source)

        self.optimisers["critic"].zero_grad()
        judged_false = critic(torch.cat([source, generated.detach()], 1))
        judged_true = critic(torch.cat([source, target], 1))
        critic_loss = 0.5 * (_cross_entropy(judged_false, 0.0) + _cross_entropy(judged_true, 1.0))
        backward(critic_loss)
        self.optimisers["critic"].step()

        self.optimisers["generator"].zero_grad()
        critic.requires_grad_(False)
        adversarial = _cross_entropy(critic(torch.cat([source, generated], 1)), 1.0)
        distance = l1_loss(generated, target)
        backward(adversarial + self.l1_weight * distance)
        self.optimisers["generator"].step()
        critic.requires_grad_(True)

        self._average()
        losses = {"critic": critic_loss, "adversarial": adversarial, "l1": distance}
        return {name: loss.item() for name, loss in losses.items()}

    @torch.no_grad()
    def _average(self) -> None:
        old, new = self.networks["average"].state_dict(), self.networks["generator"].state_dict()
        for name, value in old.items():
            if value.is_floating_point():
                value.lerp_(new[name], 1 - self.average_decay)
            else:
                value.copy_(new[name])

    @torch.no_grad()
    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the averaged generator's output in [0, 1]."""
        return (self.networks["average"](2 * source - 1) + 1) / 2

    @torch.no_grad()
    def settle(self, sources: Iterable[torch.Tensor]) -> None:
        """Measure the averaged generator's own batch statistics: those of training belong to other weights."""
        average = self.networks["average"]
        norms = [module for module in average.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over all batches
            norm.train()
        for source in sources:
            average(2 * source - 1)
        average.eval()

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the averaged generator's state dict."""
        return dict(self.networks["average"].state_dict())


def _cross_entropy(logits: torch.Tensor, label: float) -> torch.Tensor:
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))
