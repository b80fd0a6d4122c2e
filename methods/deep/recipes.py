"""How the deep baselines are trained: the pairs, the budget and the loop of `gan-d-short`, another network and loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from usbench.core.errors import UsageError
from usbench.training.contracts import Pairs, Recipe
from usbench.training.options import check_options

from ..pix2pix.baseline_sets import PRODUCTS
from ..pix2pix.pairs import DespecklerPairs
from ..pix2pix.recipes import product_recipe
from ..pix2pix.regression import Objective, Regression
from .despeckler import DeepDespeckler

TRAINING: dict[str, Any] = {"crop": 128, "learning_rate": 5e-4, "products": PRODUCTS}  # those of gan-d-short


def deep_recipe(
    method: type[DeepDespeckler],
    folders: Mapping[str, Sequence[Path]],
    options: Mapping[str, Any],
    task: Callable[..., Regression] = Regression,
    pairs: Callable[[DespecklerPairs], Pairs] = lambda speckled_and_clean: speckled_and_clean,
    objective: type[Objective] = Objective,
    further: Mapping[str, int] = MappingProxyType({}),
    takes_real: bool = False,
) -> Recipe:
    """Return the recipe of a network.

    Parameters
    ----------
    method
        Its network's sizes and its loss are used.
    folders
        Folders of further clean images, by source.
    options
        `crop` (pixels), `learning_rate` (of Adam), `products` (training sets `source+simulator`, separated by spaces),
        the network's sizes, and `further` ones; text is converted.
    task, pairs, objective
        What is trained, what it learns from in place of pairs (speckled, clean), and which losses it knows.
    further
        Options that the task has beside network, objective and learning rate, with their defaults.
    takes_real
        Whether it needs no clean version of a speckled image, so that real B-mode may be among the products.

    Raises
    ------
    UsageError
        If an option is unknown or no number.
    """
    chosen = _chosen({**TRAINING, **method.sizes, **further}, options, method.name)
    about = {"network": method.name, **{size: chosen[size] for size in method.sizes}}
    others = {option: chosen[option] for option in further}
    losses = objective(**{"l1": 0.0, "adversarial": 0.0, **method.loss})
    rate = chosen["learning_rate"]
    return product_recipe(
        chosen["products"].split(),
        task(untrained(method, about), losses, rate, **others),
        {**about, **others, "objective": asdict(losses), "learning_rate": rate},
        crop=chosen["crop"],
        folders=folders,
        pairs=pairs,
        takes_real=takes_real,
    )


def untrained(method: type[DeepDespeckler], about: Mapping[str, Any], seed: int = 0) -> nn.Module:
    """Return a method's network with random weights that the seed alone decides."""
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
