"""The training step of CycleGAN: two generators, each trained to invert the other, and two critics."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.functional import l1_loss

from usbench.core.rng import generator as named_generator

from ..pix2pix.networks import initialise
from ..pix2pix.regression import Objective, Terms
from .unpaired import Shown, UnpairedGan

HISTORY = 50  # generated images kept for each critic


@dataclass(frozen=True)
class CycleObjective(Objective):
    """What both generators minimise.

    Attributes
    ----------
    cycle
        Weight of the L1 distance between an image and its translation there and back.
    identity
        Weight of the L1 distance between an image that needs no translation and its translation.
    """

    cycle: float = 10.0
    identity: float = 5.0


class History(nn.Module):
    """A buffer of generated images, from which a critic sees old ones half of the time (Shrivastava et al., CVPR 2017).

    The images and their count are part of a checkpoint. The draw for an image depends on its number alone, so a resumed
    training shows its critics the same images. Each of several devices has its own history; a checkpoint holds that of
    the first.

    Parameters
    ----------
    size
        Number of images that are kept.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.seen = 0
        self.images: list[torch.Tensor] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the images; once the buffer is full, half of them are exchanged for old ones."""
        return torch.stack([self._exchanged(image.clone()) for image in images])

    def _exchanged(self, image: torch.Tensor) -> torch.Tensor:
        rng = named_generator("cyclegan history", self.seen)
        self.seen += 1
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        if rng.random() < 0.5:
            return image
        place = int(rng.integers(self.size))
        old, self.images[place] = self.images[place], image
        return old.to(image.device)

    def get_extra_state(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        return {"seen": self.seen, "images": self.images}

    def set_extra_state(self, state: Mapping[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        self.seen, self.images = state["seen"], list(state["images"])


class CycleGanTask(UnpairedGan):
    r"""Generators G (B-mode y to clean x) and F (clean to B-mode) against critics C and B, on unpaired images.

    .. math:: \min_{G, F} \; \overline{(C(G(y)) - 1)^2} + \overline{(B(F(x)) - 1)^2}
              + \lambda \left( \overline{|F(G(y)) - y|} + \overline{|G(F(x)) - x|} \right)
              + \mu \left( \overline{|G(x) - x|} + \overline{|F(y) - y|} \right)

    Distances are those of images in [-1, 1], as in the paper. Both critics see generated images through a `History`.
    The exported network is the moving average of G, which is ours; the paper's is G.

    Parameters
    ----------
    generator
        G; F has the same architecture.
    settings, options
        As for `UnpairedGan`; the objective is a `CycleObjective`.
    seed
        Seed of the initial weights of all four networks, normal with standard deviation 0.02.
    """

    critics = ("clean critic", "bmode critic")
    objective: CycleObjective

    def __init__(self, generator: nn.Module, *settings: Any, seed: int = 0, **options: Any) -> None:
        rng = torch.Generator().manual_seed(seed + 1)
        back = deepcopy(generator)
        for network in (generator, back):
            initialise(network, rng)
        super().__init__(generator, *settings, **options, seed=seed)
        self.networks["back"] = back
        self.optimisers["generator"].add_param_group({"params": list(back.parameters())})
        for critic in self.critics:
            self.networks[f"history of {critic}"] = History(HISTORY)

    def generate(self, source: torch.Tensor, target: torch.Tensor) -> tuple[Terms, Shown]:
        """Return the losses of G and F on a micro-batch, and the images for the critics."""
        there, back = self.networks["generator"], self.networks["back"]
        clean, same_clean = there(torch.cat([source, target])).float().chunk(2)
        bmode, same_bmode = back(torch.cat([target, source])).float().chunk(2)
        clean_again, bmode_again = there(bmode).float(), back(clean).float()
        fooled = self.score_error(("clean critic", clean, 1.0), ("bmode critic", bmode, 1.0))
        terms = {
            "adversarial": (self.objective.adversarial, fooled),
            "cycle": (self.objective.cycle, _apart(bmode_again, source) + _apart(clean_again, target)),
            "identity": (self.objective.identity, _apart(same_clean, target) + _apart(same_bmode, source)),
        }
        return terms, {
            "clean critic": (target, self.networks["history of clean critic"](clean.detach())),
            "bmode critic": (source, self.networks["history of bmode critic"](bmode.detach())),
        }


def _apart(made: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    return 2 * l1_loss(made, image)
