"""How the deep baselines are trained: the pairs, budget and loop of `gan-d-short`, with another network and loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import torch
from torch import nn

from usbench.core.errors import UsageError
from usbench.training.contracts import Pairs, Recipe
from usbench.training.options import check_options

from ..pix2pix.baseline_sets import BUDGET, TRAINING_SETS
from ..pix2pix.pairs import Source
from ..pix2pix.recipes import despeckler_recipe
from ..pix2pix.regression import Objective, Regression

DEFAULTS: dict[str, Any] = {"crop": 128, "learning_rate": 5e-4, "products": TRAINING_SETS}  # as for gan-d-short


class Baseline(Protocol):
    """What the recipe needs of a method: its name, the sizes of its network, and its loss."""

    @property
    def name(self) -> str:
        """Name of the method."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Options of the network with their defaults."""

    @property
    def loss(self) -> Mapping[str, float]:
        """Weights of the losses of an `Objective`."""

    def build(self, about: Mapping[str, Any]) -> nn.Module:
        """Return the untrained network that a weights card describes."""


def deep_recipe(
    method: Baseline,
    folders: Mapping[str, Sequence[Path]],
    options: Mapping[str, Any],
    task: Callable[..., Regression] = Regression,
    pairs: Callable[[Source], Pairs] = lambda speckled_and_clean: speckled_and_clean,
    objective: type[Objective] = Objective,
    defaults: Mapping[str, float] = MappingProxyType({}),
    task_options: Mapping[str, int] = MappingProxyType({}),
    takes_real: bool = False,
) -> Recipe:
    """Return the recipe of a network.

    Parameters
    ----------
    method
        Class of a deep baseline.
    folders
        Folders of further clean images, by source.
    options
        `crop` (pixels), `learning_rate` (of Adam), `products` (training sets `source+simulator`, separated by spaces),
        the network's sizes, and those in `task_options`. Text is converted.
    task, pairs, objective
        The training step, the pairs it learns from instead of (speckled, clean), and the class of its losses.
    defaults
        Defaults of options that differ from those of `gan-d-short`.
    task_options
        Options of the task beside network, objective and learning rate, with their defaults.
    takes_real
        Whether it needs no clean version of a speckled image, so that the training sets may include real B-mode.

    Raises
    ------
    UsageError
        If an option is unknown or not a number.
    """
    chosen = _chosen({**DEFAULTS, **method.sizes, **defaults, **task_options}, options, method.name)
    about = {"network": method.name, **{size: chosen[size] for size in method.sizes}}
    further = {option: chosen[option] for option in task_options}
    losses = objective(**{"l1": 0.0, "adversarial": 0.0, **method.loss})
    rate = chosen["learning_rate"]
    return despeckler_recipe(
        chosen["products"].split(),
        task(untrained(method, about), losses, rate, **further),
        {**about, **further, "objective": asdict(losses), "learning_rate": rate},
        crop=chosen["crop"],
        folders=folders,
        pairs=pairs,
        takes_real=takes_real,
        core_seconds=BUDGET,
    )


def untrained(method: Baseline, about: Mapping[str, Any], seed: int = 0) -> nn.Module:
    """Return a method's network with random weights that depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return method.build(about)


def _chosen(defaults: Mapping[str, Any], given: Mapping[str, Any], name: str) -> dict[str, Any]:
    chosen = dict(defaults)
    check_options(name, given, defaults)
    for option, value in given.items():
        kind = type(defaults[option])
        try:
            chosen[option] = kind(value)
        except ValueError:
            chosen[option] = 0
        if kind is not str and not chosen[option] > 0:
            raise UsageError(f"{option}={value!r} is refused; expected a number above 0, such as {defaults[option]}.")
    return chosen
