"""The conformance test that every plugin, ours or a stranger's, must pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from usbench import registry
from usbench.bench.evaluate import despeckle_sample
from usbench.bench.plan import DEFAULT_SUITE
from usbench.dataset import Dataset
from usbench.errors import PluginError, UsbenchError
from usbench.leakage import find_leaks
from usbench.method import Method
from usbench.metric import Metric
from usbench.rng import generator
from usbench.sample import Rois, Sample
from usbench.simulator import Simulator

REPEATS_TO = 1e-5  # of the grey range; libraries that align memory differently from call to call stay below it
METRIC_SHAPE = (192, 176)  # room for measures of several scales
SHAPES = ((1, 1), (1, 40), (3, 2), (17, 33), (64, 48))


@dataclass(frozen=True)
class Finding:
    """One rule of the contract and whether it is kept."""

    check: str
    passed: bool
    reason: str = ""


def check_plugin(name: str, datasets: Sequence[str] = ()) -> list[Finding]:
    """Test a plugin by name, or a method by its file, against the contract of its kind.

    Parameters
    ----------
    name
        As the registry can find it.
    datasets
        Whose test splits a trained method or simulator must not have been trained on; the default suite if empty.

    Raises
    ------
    UsageError
        If nothing has the name.
    PluginError
        If the plugin is broken or not available here.
    """
    kinds = [kind for kind in registry.KINDS if name in registry.names(kind)]
    if "+" in name or name.partition(":")[0].partition("[")[0] in registry.names("datasets"):
        return check_dataset(registry.load_dataset(name))
    kind = kinds[0] if kinds else "methods"
    if kind == "metrics":
        return check_metric(registry.load_metric(name))
    if kind == "simulators":
        simulator = registry.load_simulator(name)
        return check_simulator(simulator) + check_training(simulator, datasets)
    method = registry.load_method(name)
    return check_method(method) + check_training(method, datasets)


def check_method(method: Method) -> list[Finding]:
    """Test a method on small images of awkward shapes and values."""

    def any_size() -> None:
        for shape in SHAPES:
            despeckle_sample(method, _noise(shape))

    def extremes() -> None:
        for value in (0.0, 0.5, 1.0):
            flat = Sample("flat", np.full((24, 24), value, np.float32))
            despeckle_sample(method, flat)

    def repeatable() -> None:
        sample = _noise((48, 40))
        first, second = despeckle_sample(method, sample), despeckle_sample(method, sample)
        _require(np.allclose(first, second, rtol=0, atol=REPEATS_TO), "the same image gave two different results")

    def input_kept() -> None:
        import torch

        image = torch.from_numpy(_noise((40, 48)).image.copy())[None, None]
        before = image.clone()
        method.despeckle(image)
        _require(bool(torch.equal(image, before)), "despeckle overwrote its input")

    def batch() -> None:
        import torch

        planes = torch.stack([torch.from_numpy(_noise((40, 48), n).image.copy())[None] for n in range(3)])
        together = method.despeckle(planes)
        alone = torch.cat([method.despeckle(plane[None]) for plane in planes])
        _require(together.shape == planes.shape, f"a batch {tuple(planes.shape)} came back as {tuple(together.shape)}")
        _require(bool(torch.allclose(together, alone, atol=1e-4)), "an image's result depends on the rest of its batch")

    def named_by_parameters() -> None:
        again = type(method).create(method.values())
        _require(again == method and again.label == method.label, "its parameters do not make the same method again")
        _require(again.values_hash() == method.values_hash(), "its hash is not stable")

    return _run(
        {
            "prepares on the CPU": lambda: method.prepare("cpu"),
            "takes any height and width and returns the same": any_size,
            "takes black, grey and white images": extremes,
            "gives the same result twice": repeatable,
            "leaves its input as it was": input_kept,
            "treats each image of a batch alike": batch,
            "is made again from its parameters": named_by_parameters,
        }
    )


def check_simulator(simulator: Simulator) -> list[Finding]:
    """Test that a simulator's images are valid and depend on the generator alone."""
    clean = np.clip(_noise((64, 48)).image, 0.1, 0.9)

    def valid() -> None:
        for shape in ((16, 16), (17, 33), (64, 48)):
            simulated = simulator.simulate(np.full(shape, 0.5, np.float32), generator("check"))
            Sample("check", simulated.image, simulated.reference)
            _require(simulated.image.shape == shape, f"shape {shape} came back as {simulated.image.shape}")

    def seeded() -> None:
        first, same, other = (simulator.simulate(clean, generator("check", n)).image for n in (0, 0, 1))
        _require(np.array_equal(first, same), "the same generator gave two different images")
        _require(not np.array_equal(first, other), "different generators gave the same image")

    def input_kept() -> None:
        before = clean.copy()
        simulator.simulate(clean, generator("check"))
        _require(np.array_equal(clean, before), "simulate overwrote its input")

    return _run(
        {
            "returns valid images of the same shape": valid,
            "draws from the generator alone": seeded,
            "leaves its input as it was": input_kept,
        }
    )


def check_training(trained: Method | Simulator, datasets: Sequence[str] = ()) -> list[Finding]:
    """Test that none of the training images is in a test split; of plugins that offer `training_fingerprints`."""
    if not hasattr(trained, "training_fingerprints"):
        return []

    def no_leak() -> None:
        listed = trained.training_fingerprints()
        _require(bool(listed), "its weights have no list of training images")
        leaks = []
        for name in datasets or DEFAULT_SUITE:
            leaks += find_leaks(listed, registry.load_dataset(name, split="test"))
        others = f", and {len(leaks) - 1} more" if len(leaks) > 1 else ""
        _require(not leaks, f"{leaks[0] if leaks else ''}{others}")

    return _run({"was not trained on test images of the suite": no_leak})


def check_dataset(dataset: Dataset) -> list[Finding]:
    """Test that samples are valid, stable and carry unique ids."""

    def unique() -> None:
        ids = list(dataset.ids())
        _require(len(ids) == len(set(ids)) == len(dataset), "ids are not unique, or not as many as samples")

    def stable() -> None:
        first, again = dataset[0], dataset[0]
        _require(first.input_hash == again.input_hash, "the same sample was loaded with different pixels")
        _require(first.id == dataset.ids()[0], f"the first id is {dataset.ids()[0]!r} and its sample says {first.id!r}")

    return _run({"has unique ids": unique, "loads the same first sample twice": stable})


def check_metric(metric: Metric) -> list[Finding]:
    """Test that a metric is a finite, repeatable number and states its definition."""
    rng = np.random.default_rng(0)
    image = rng.uniform(0.2, 0.8, METRIC_SHAPE).astype(np.float32)
    left = np.zeros(METRIC_SHAPE, bool)
    left[8:40, 4:20] = True
    rois = Rois({"left": left, "right": left[:, ::-1]}, (("left", "right"),), ("left", "right"), ((20, 24),))
    sample = Sample("check", image, np.clip(image + 0.05, 0, 1), rois, dynamic_range_db=60.0)
    estimate = rng.uniform(0.2, 0.8, image.shape)

    def finite() -> None:
        if metric.unavailable():
            return
        value = metric(estimate, sample)
        _require(bool(np.isfinite(value)), f"two random images gave {value}")
        _require(metric(estimate, sample) == value, "the same images gave two values")

    def stated() -> None:
        _require(bool(metric.spec and metric.title), "it has no spec or no title")

    return _run({"is a finite, repeatable number where it is available": finite, "states its definition": stated})


def _run(rules: dict[str, Callable[[], object]]) -> list[Finding]:
    findings = []
    for check, rule in rules.items():
        try:
            rule()
        except UsbenchError as error:
            findings.append(Finding(check, False, str(error)))
        except Exception as error:  # a stranger's plugin may raise anything
            findings.append(Finding(check, False, f"{type(error).__name__}: {error}"))
        else:
            findings.append(Finding(check, True))
    return findings


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise PluginError(reason)


def _noise(shape: tuple[int, int], seed: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    return Sample("noise", np.clip(0.4 * rng.rayleigh(0.8, shape), 0, 1).astype(np.float32))
