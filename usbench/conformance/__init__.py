"""The conformance test of plugins: the contract of each kind, rule by rule."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from usbench.conformance.datasets import dataset_rules
from usbench.conformance.find import find_plugin
from usbench.conformance.findings import Finding, Rule, apply_rules
from usbench.conformance.methods import method_rules
from usbench.conformance.metrics import metric_rules
from usbench.conformance.simulators import simulator_rules
from usbench.conformance.trial import Trial
from usbench.evaluation.limits import SECONDS_PER_IMAGE, Guard
from usbench.registry import Kind

__all__ = ["SECONDS_PER_IMAGE", "Finding", "check_loaded", "check_plugin", "rules_of"]


def check_plugin(
    name: str, datasets: Sequence[str] = (), *, seconds_per_image: float = SECONDS_PER_IMAGE
) -> list[Finding]:
    """Test a plugin against the contract of its kind, in this process.

    Parameters
    ----------
    name
        A registered name, or a `.py` file with a plugin of any kind.
    datasets
        Data sets whose test images must not be training images of the plugin; the default suite if empty.
    seconds_per_image
        The time limit of one image.

    Raises
    ------
    UsageError
        If nothing has the name.
    PluginError
        If the plugin is broken or not available here.
    """
    kind, plugin = find_plugin(name)
    return list(check_loaded(kind, plugin, datasets, seconds_per_image=seconds_per_image))


def check_loaded(
    kind: Kind,
    plugin: Any,
    datasets: Sequence[str] = (),
    *,
    seconds_per_image: float = SECONDS_PER_IMAGE,
    guard: Guard | None = None,
    begun: Callable[[str], object] = lambda title: None,
) -> Iterator[Finding]:
    """Yield the findings of a loaded plugin one by one.

    `guard` ends this process if native code does not return; `begun` is called with the title of each rule before it is
    tested.
    """
    yield from apply_rules(rules_of(kind, plugin, Trial(seconds_per_image, guard), datasets), begun)


def rules_of(kind: Kind, plugin: Any, trial: Trial, datasets: Sequence[str] = ()) -> list[Rule]:
    """Return the rules of a plugin of a kind."""
    if kind == "metrics":
        return metric_rules(plugin, trial)
    if kind == "datasets":
        return dataset_rules(plugin, trial)
    if kind == "simulators":
        return simulator_rules(plugin, trial, datasets)
    return method_rules(plugin, trial, datasets)
