"""The training step of the simulator `S`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import softplus

from usbench.training.contracts import Batch

from .losses import smoothed
from .regression import update_average
from .simulator_losses import border_loss, contrast_loss, energy_score, flat_pixels, flat_spectrum_loss, statistics_loss
from .speckle_unet import CHANCE, SpeckleUnet, TextureCritic, base_of
from .style import CONTRAST_SCALE, PLANES

CERTAIN = 1.1  # its loss at which it pulls in full
SLOW = 0.02  # share of a step in the moving averages
MASK_SIGMA = 2.0  # pixels
AVERAGE_DECAY = 0.995
LONGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class SimulatorObjective:
    """Weights of the losses of `S`.

    Attributes
    ----------
    energy, statistics, contrast, borders, flat
        Weights of the losses in `simulator_losses.py`.
    adversarial
        Size of the critic's gradient relative to that of the other losses, where the critic can tell real from painted.
    adversarial_from
        Fraction of the training after which the critic takes part.
    """

    energy: float = 1.0
    statistics: float = 0.2
    contrast: float = 1.5
    borders: float = 10.0
    flat: float = 0.1
    adversarial: float = 0.5
    adversarial_from: float = 0.3


class SpeckleGan:
    """`S` with its losses: two drawings are scored against the real frame, and a critic judges textures.

    The critic also judges what `S` paints on MRI, which has no target, and there flat regions alone: elsewhere it would
    remove anatomy that B-mode does not show.
    """

    def __init__(
        self, width: int, objective: SimulatorObjective, rate: float = 1e-3, critic_rate: float = 2e-3
    ) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            painter, critic = SpeckleUnet(width), TextureCritic()
        average = deepcopy(painter).requires_grad_(False).eval()
        self.networks: dict[str, nn.Module] = {"painter": painter, "critic": critic, "average": average}
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            "painter": torch.optim.Adam(painter.parameters(), rate, betas=(0.5, 0.99)),
            "critic": torch.optim.Adam(critic.parameters(), critic_rate, betas=(0.5, 0.99)),
        }
        self.objective = objective

    @property
    def _mean_loss(self) -> torch.Tensor:
        mean_loss: torch.Tensor = self.networks["critic"].mean_loss  # type: ignore[assignment]
        return mean_loss

    def step(
        self, parts: Sequence[Batch], number: int, progress: float, backward: Callable[..., None]
    ) -> dict[str, float]:
        """Update the critic and `S`, then the average, and return the losses."""
        judged = self.objective.adversarial > 0 and progress >= self.objective.adversarial_from
        self.optimisers["painter"].zero_grad()
        self.optimisers["critic"].zero_grad()
        losses: dict[str, float] = {}
        for source, target in parts:
            for name, value in self._accumulate(source, target, judged, backward).items():
                losses[name] = losses.get(name, 0.0) + value / len(parts)
        nn.utils.clip_grad_norm_(self.networks["painter"].parameters(), LONGEST_GRADIENT)
        self.optimisers["painter"].step()
        if judged:
            self.optimisers["critic"].step()
            self._mean_loss.lerp_(torch.tensor(losses["critic"]), SLOW)
        decay = min(AVERAGE_DECAY, 1 - 2 / (number + 3))
        update_average(self.networks["average"], self.networks["painter"], decay)
        return losses

    def _accumulate(
        self, source: torch.Tensor, target: torch.Tensor, judged: bool, backward: Callable[..., None]
    ) -> dict[str, float]:
        planes = torch.cat(source.split(PLANES, 1))
        made = self.networks["painter"](planes).float()
        image = made.detach().requires_grad_()
        first, second, on_mri = image.chunk(3)
        weights = self.objective
        losses = {
            "energy": weights.energy * energy_score(first, second, target),
            "statistics": weights.statistics * 0.5 * (statistics_loss(first, target) + statistics_loss(second, target)),
            "contrast": weights.contrast * contrast_loss(image, planes[:, :1], planes[:, 4, 0, 0] / CONTRAST_SCALE),
        }
        if weights.flat:
            flat = flat_spectrum_loss(on_mri, planes[-len(on_mri) :, :1], target, planes[: len(target), :1])
            losses["flat"] = weights.flat * flat
        if weights.borders:
            slices = planes[-len(on_mri) :]
            losses["borders"] = weights.borders * border_loss(on_mri, base_of(slices), slices[:, :1])
        gradient = torch.autograd.grad(torch.stack(list(losses.values())).sum(), image)[0]
        found = {name: loss.item() for name, loss in losses.items()}
        if judged:
            found["critic"] = self._train_critic(image.detach(), target, backward)
            gradient = gradient + self._pull(image, gradient, planes, backward)
        backward((made * gradient).sum())
        return found

    def _train_critic(self, image: torch.Tensor, target: torch.Tensor, backward: Callable[..., None]) -> float:
        critic = self.networks["critic"]
        first, _, on_mri = image.chunk(3)
        painted, real = critic(torch.cat([first, on_mri])).float(), critic(target).float()
        loss = softplus(painted).mean() + softplus(-real).mean()
        backward(loss)
        return loss.item()

    def _pull(
        self, image: torch.Tensor, gradient: torch.Tensor, planes: torch.Tensor, backward: Callable[..., None]
    ) -> torch.Tensor:
        """Return the critic's gradient, scaled to that of the other losses and by how well the critic can tell."""
        first, second, on_mri = image.detach().chunk(3)
        painted = torch.cat([first, on_mri]).requires_grad_()
        critic = self.networks["critic"].requires_grad_(False)
        backward(softplus(-critic(painted).float()).mean())
        critic.requires_grad_(True)
        pull = painted.grad
        assert pull is not None
        size = gradient[: len(first)].square().mean().sqrt() / (pull.square().mean().sqrt() + 1e-12)
        certainty = ((CHANCE - self._mean_loss) / (CHANCE - CERTAIN)).clamp(0, 1)
        on_frame, on_slice = (self.objective.adversarial * certainty * size * pull).chunk(2)
        flat = smoothed(flat_pixels(planes[-len(on_mri) :, :1]), MASK_SIGMA)
        return torch.cat([on_frame, torch.zeros_like(second), flat * on_slice])

    @torch.no_grad()
    def estimate(self, source: torch.Tensor) -> torch.Tensor:
        """Return the averaged `S`'s image in [0, 1] for the first input of the pair."""
        return self.networks["average"](source[:, :PLANES]).float().clamp(0, 1)

    def calibrate_batch_norm(self, sources: Iterable[torch.Tensor]) -> None:
        """Do nothing: there is no normalisation."""

    def start_from(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Start from trained weights of `S`."""
        for name in ("painter", "average"):
            self.networks[name].load_state_dict(dict(weights))

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the averaged weights of `S`."""
        return self.networks["average"].state_dict()
