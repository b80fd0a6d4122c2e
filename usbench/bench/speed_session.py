"""The pytest session in which pytest-benchmark times one method: this file is its only test module."""

import contextlib
import io
import json
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from usbench import registry
from usbench.bench.neighbours import busy_neighbours
from usbench.bench.network_size import work_of
from usbench.bench.peak_memory import PeakMemory
from usbench.core.errors import UsbenchError
from usbench.core.method import Method
from usbench.evaluation.evaluate import to_domain
from usbench.evaluation.sample_cache import load_sample

IMAGES = "phantom+psf"  # its first image, continued by mirroring: speckle, edges and wires as methods meet them
SLOW = 3.0  # seconds: a call that takes longer is its own warm-up, and is repeated three times
CALLS = 5  # of such a method, for a figure
VARIABLE = "USBENCH_SPEED"  # JSON of the settings, for the tests below


def measure(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what pytest-benchmark reports for a method, a dictionary per figure.

    A figure that would take longer than what is left of the limit, by the figure before it, has `extra_info` and the
    reason as `skipped`.

    Parameters
    ----------
    settings
        The fields of `usbench.bench.speed.Protocol`, and `method` and `threads`.

    Raises
    ------
    UsbenchError
        If the method raises; with its reason.
    """
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # settings of a pytest that this process was started by
    os.environ[VARIABLE] = json.dumps(dict(settings))
    timer = "torch.utils.benchmark.utils.timer.timer" if settings["device"].startswith("cuda") else "time.perf_counter"
    watch = _Watch()
    quiet = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(quiet),
        contextlib.redirect_stderr(quiet),  # where pytest-benchmark names the report
    ):
        report = Path(folder) / "benchmark.json"
        arguments = [
            str(Path(__file__)), "-q", "--benchmark-only", f"--benchmark-json={report}", f"--benchmark-timer={timer}",
            f"--benchmark-max-time={settings['seconds']}", "--benchmark-min-rounds=5", "--benchmark-warmup=on",
            "--benchmark-warmup-iterations=3", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:timeout",
            "--import-mode=importlib", f"--rootdir={folder}", "-c", os.devnull,
        ]  # fmt: skip
        code = pytest.main(arguments, plugins=[watch])
        if code or not report.is_file() or not report.stat().st_size:
            raise UsbenchError(f"{settings['method']} could not be timed: {watch.error or f'pytest ended with {code}'}")
        return [*json.loads(report.read_text())["benchmarks"], *watch.skipped]


class _Watch:
    """A pytest plugin that keeps the message of the first error, and the figures for which there was no time."""

    def __init__(self) -> None:
        self.error = ""
        self.skipped: list[dict[str, Any]] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.skipped += [value for name, value in report.user_properties if isinstance(value, dict)]
        if report.failed and not self.error:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.error = (crash.message if crash else report.longreprtext).strip().splitlines()[0]


class _Budget:
    """What is left of the time for a method, and how long it takes for a pixel."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._per_pixel = 0.0

    def check(self, request: pytest.FixtureRequest, size: int, count: int) -> None:
        """Skip a figure for which there is no time."""
        limit = _settings()["limit"]
        expected = self._per_pixel * size**2 * count * CALLS
        if expected > limit - (time.monotonic() - self._began):
            reason = f"it would take more than {limit:g} s with the other sizes"
            request.node.user_properties.append(
                ("skipped", {"skipped": reason, "extra_info": {"size": size, "batch": count}})
            )
            pytest.skip(reason)

    def took(self, seconds: float, size: int) -> None:
        """Keep how long a call for one image took."""
        self._per_pixel = seconds / size**2


def _settings() -> dict[str, Any]:
    return json.loads(os.environ.get(VARIABLE, "{}"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test for each size, and one for each batch."""
    if "size" in metafunc.fixturenames:
        metafunc.parametrize("size", _settings().get("sizes", []))
    if "count" in metafunc.fixturenames:
        metafunc.parametrize("count", _settings().get("batches", []))


@pytest.fixture(scope="module")
def method() -> Method:
    """The method that is timed, not prepared yet."""
    return registry.load_method(_settings()["method"])


@pytest.fixture(scope="module")
def prepare_s(method: Method) -> float:
    """Seconds that the method took to prepare; later tests time a prepared method."""
    before = time.perf_counter()
    method.prepare(_settings()["device"])
    return time.perf_counter() - before


@pytest.fixture(scope="module")
def budget(method: Method) -> _Budget:
    """The time for all figures of the method."""
    return _Budget()


def images(method: Method, size: int, count: int) -> Any:
    """Return a batch (count, 1, size, size) in the method's domain, on the device."""
    import numpy as np
    import torch

    sample = load_sample(registry.load_dataset(IMAGES, split="test"), 0)
    margins = [(0, max(0, size - extent)) for extent in sample.image.shape]
    plane = np.pad(sample.image, margins, mode="symmetric")[:size, :size]
    batch = torch.from_numpy(np.repeat(plane[None, None], count, axis=0)).to(_settings()["device"])
    return to_domain(method, batch, sample.dynamic_range_db)[0]


def test_latency(
    benchmark: Any, method: Method, prepare_s: float, budget: _Budget, request: pytest.FixtureRequest, size: int
) -> None:
    """One image a call; its memory and arithmetic go into `extra_info`."""
    budget.check(request, size, 1)
    batch = images(method, size, 1)
    with PeakMemory(_settings()["device"]) as memory:
        seconds = _seconds_of(method, batch)
    budget.took(seconds, size)
    _time(benchmark, method, batch, seconds)
    beside_others = _settings()["neighbours"] and _settings()["device"] == "cpu"
    busy_ratio = _busy_ratio(method, batch, benchmark.stats.stats.median) if beside_others else None
    work = work_of(method, batch)
    benchmark.extra_info |= {
        "size": size, "batch": 1, "prepare_s": prepare_s, "peak_mib": memory.mib, "device_mib": memory.device_mib,
        "parameters": work.parameters, "macs": work.macs, "busy_ratio": busy_ratio,
    }  # fmt: skip


def test_throughput(
    benchmark: Any, method: Method, prepare_s: float, budget: _Budget, request: pytest.FixtureRequest, count: int
) -> None:
    """Several images a call."""
    size = _settings()["batch_size"]
    budget.check(request, size, count)
    batch = images(method, size, count)
    _time(benchmark, method, batch, _seconds_of(method, batch))
    benchmark.extra_info |= {"size": size, "batch": count, "prepare_s": prepare_s}


def _seconds_of(method: Method, batch: Any) -> float:
    before = time.perf_counter()
    method.despeckle(batch)
    return time.perf_counter() - before


def _busy_ratio(method: Method, batch: Any, quiet: float) -> float:
    """Return the median time beside busy processes over the quiet one, in seconds; of one call if that is slow."""
    times: list[float] = []
    with busy_neighbours():
        end = time.perf_counter() + _settings()["seconds"]
        while not times or (quiet < SLOW and (len(times) < CALLS or time.perf_counter() < end)):
            times.append(_seconds_of(method, batch))
    return statistics.median(times) / quiet


def _time(benchmark: Any, method: Method, batch: Any, seconds: float) -> None:
    """Time the method by as many calls as pytest-benchmark makes, or by three where one took long."""
    if seconds > SLOW:
        benchmark.pedantic(method.despeckle, args=(batch,), rounds=3, iterations=1)
    else:
        benchmark(method.despeckle, batch)
