"""Learning from unpaired speckled and clean images: a critic takes the place of a target."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from usbench.core.rng import generator as named_generator
from usbench.training.contracts import Batch, Pair

from ..pix2pix.networks import initialise
from ..pix2pix.pairs import Source
from ..pix2pix.regression import Objective, Regression, Terms, accumulate
from .networks.patch_critic import PatchCritic

BETA1 = 0.5  # of Adam, as in pix2pix and CycleGAN
OTHERS = 2**13  # pairs from which clean halves are drawn
Shown = dict[str, tuple[torch.Tensor, torch.Tensor]]  # real images and generated ones, by the critic that sees them


@dataclass
class UnpairedPairs:
    """Pairs of a speckled image and the clean image of another, unrelated pair.

    The other pair is drawn at random, so both halves come from the same mixture of training sets, except for real
    B-mode, which has no clean half. A crop never appears together with its own clean version.
    """

    pairs: Source

    def __call__(self, index: int) -> Pair:
        """Return pair number `index`; its first half is the input of the supervised networks."""
        rng = named_generator("unpaired", index)
        while True:
            other = int(rng.integers(OTHERS))
            other += other >= index
            if self.pairs.has_clean(other):
                return self.pairs(index)[0], self.pairs(other)[1]


# What `deep_recipe` needs for any `UnpairedGan`.
UNPAIRED: dict[str, Any] = {
    "pairs": UnpairedPairs,
    "defaults": {"learning_rate": 2e-4},
    "task_options": {"critic_width": 16},
    "takes_real": True,
}


class UnpairedGan(Regression):
    r"""A generator G against a critic C that discriminates clean images x from G's output for speckled images y.

    .. math:: \min_C \; \tfrac12 \left( \overline{(C(x) - 1)^2} + \overline{C(G(y))^2} \right), \qquad
              \min_G \; \overline{(C(G(y)) - 1)^2} + \text{distances from } G(y) \text{ to } y

    The distances are those of the objective, taken to the speckled image because there is no clean version of it.

    Parameters
    ----------
    generator, objective, average_decay
        See `Regression`.
    learning_rate
        Learning rate of Adam, for generator and critic.
    critic_width
        Channels of the critic's first layer.
    seed
        Seed of the critic's initial weights.

    References
    ----------
    Mao, Li, Xie, Lau, Wang, Smolley, "Least squares generative adversarial networks", ICCV 2017, pp. 2794-2802.
    """

    critics: tuple[str, ...] = ("critic",)

    def __init__(
        self,
        generator: nn.Module,
        objective: Objective,
        learning_rate: float = 2e-4,
        critic_width: int = 64,
        *,
        average_decay: float = 0.998,
        seed: int = 0,
    ) -> None:
        super().__init__(generator, objective, learning_rate, BETA1, average_decay)
        rng = torch.Generator().manual_seed(seed)
        for name in self.critics:
            self.networks[name] = PatchCritic(critic_width)
            initialise(self.networks[name], rng)
        weights = [weight for name in self.critics for weight in self.networks[name].parameters()]
        self.optimisers["critics"] = torch.optim.Adam(weights, learning_rate, betas=(BETA1, 0.999), fused=True)

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update the generators, then the critics, then the average; gradients accumulate over micro-batches."""
        shown: list[Shown] = []

        def generated() -> Iterator[Terms]:
            for source, target in parts:
                terms, made = self.generate(source, target)
                shown.append(made)
                yield terms

        self._let_critics_learn(False)
        losses = self._update("generator", generated(), len(parts), backward)
        self._let_critics_learn(True)
        losses |= self._update("critics", map(self.judge, shown), len(parts), backward)
        self.update_average(number)
        return losses

    def generate(self, source: torch.Tensor, target: torch.Tensor) -> tuple[Terms, Shown]:
        """Return the losses of G on a micro-batch, and the images for C."""
        made = self.networks["generator"](source).float()
        terms = self.objective.terms(made, source, source)
        terms["adversarial"] = self.objective.adversarial, self.score_error(("critic", made, 1.0))
        return terms, {"critic": (target, made.detach())}

    def judge(self, shown: Shown) -> Terms:
        """Return the losses of the critics: real images are 1, generated ones 0."""
        return {
            critic: (0.5, self.score_error((critic, real, 1.0), (critic, made, 0.0)))
            for critic, (real, made) in shown.items()
        }

    def score_error(self, *marks: tuple[str, torch.Tensor, float]) -> torch.Tensor:
        """Return the mean square error of critics' scores, summed over (critic, images, desired score)."""
        errors = [((self.networks[critic](image).float() - due) ** 2).mean() for critic, image, due in marks]
        return torch.stack(errors).sum()

    def _update(
        self, whose: str, parts: Iterable[Terms], count: int, backward: Callable[..., None]
    ) -> dict[str, float]:
        losses = accumulate(self.optimisers[whose], parts, count, backward)
        self.optimisers[whose].step()
        return losses

    def _let_critics_learn(self, learn: bool) -> None:
        for name in self.critics:
            self.networks[name].requires_grad_(learn)
