"""The speed of methods, taken by pytest-benchmark: one method after the other, each in a process of its own."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from usbench import registry
from usbench.bench.store import Store
from usbench.core.errors import UsbenchError
from usbench.core.parameters import values_json
from usbench.evaluation.limits import cores, thread_environment
from usbench.evaluation.provenance import hardware

SPEED_COLUMNS = (
    "method", "params", "origin", "device", "hardware", "threads", "size", "batch", "median_ms", "iqr_ms", "rounds",
    "prepare_s", "peak_mib", "device_mib", "parameters", "macs", "load", "busy", "taken", "status", "reason",
)  # fmt: skip
LANE = "speed"
BUSY = 0.08  # of the processor in others' hands, or of the median in the interquartile range
ATTEMPTS, PATIENCE_SECONDS = 3, 5.0
SESSION = Path(__file__).with_name("speed_session.py")


@dataclass(frozen=True)
class Protocol:
    """How speed is taken.

    Attributes
    ----------
    sizes
        Sides in pixels of the images that latency is taken on.
    batches
        Images despeckled in one call, for the throughput.
    batch_size
        Sides of those.
    device
        `cpu` or `cuda`.
    seconds
        Time given to each figure, after a warm-up; never fewer than five rounds.
    limit
        Seconds after which a method's session is ended.
    """

    sizes: tuple[int, ...] = (256, 512, 1024)
    batches: tuple[int, ...] = (8,)
    batch_size: int = 256
    device: str = "cpu"
    seconds: float = 1.0
    limit: float = 900.0


def speed_key(method: str, protocol: Protocol) -> str:
    """Return the name under which a method's speed is stored: whatever can change it goes in."""
    target = registry.load_method(method)
    about = {
        "label": target.label,
        "version": target.version,
        "weights": target.weights_hash(),
        "hardware": hardware(protocol.device),
        "threads": cores(),
        "protocol": asdict(protocol),
    }
    return hashlib.sha256(values_json(about).encode()).hexdigest()[:24]


def take_speeds(
    methods: Sequence[str],
    protocol: Protocol,
    store: Store,
    started: Callable[[str, int, int], None] = lambda name, number, total: None,
) -> list[str]:
    """Time the methods that are not in the store yet, and return the keys of all.

    A figure that was taken while others used the processor, or that scatters by more than 8 %, is taken again, at most
    three times, and marked if it stays so.
    """
    keys = [speed_key(method, protocol) for method in methods]
    for number, (method, key) in enumerate(zip(methods, keys, strict=True)):
        if store.has(key, LANE):
            continue
        started(method, number, len(methods))
        store.write(key, _attempts(method, protocol), SPEED_COLUMNS, lane=LANE)
    return keys


def _attempts(method: str, protocol: Protocol) -> list[dict[str, Any]]:
    best = _take(method, protocol)
    for _ in range(ATTEMPTS - 1):
        if not _doubtful(best):
            break
        time.sleep(PATIENCE_SECONDS)
        best = min(best, _take(method, protocol), key=_doubtful)
    return best


def _doubtful(rows: Sequence[dict[str, Any]]) -> int:
    return sum(row["busy"] for row in rows)


def _take(method: str, protocol: Protocol) -> list[dict[str, Any]]:
    """Return a row per figure, or one that says why there is none."""
    import psutil

    target = registry.load_method(method)
    shared = {
        "method": target.label,
        "params": values_json(target.values()),
        "origin": f"{type(target).__module__}:{type(target).__qualname__}",
        "device": protocol.device,
        "hardware": hardware(protocol.device),
        "threads": cores(),
        "load": psutil.cpu_percent(interval=0.5) / 100,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        found = _session(method, protocol)
    except UsbenchError as error:
        return [{**shared, "busy": False, "status": "failed", "reason": str(error)}]
    return [{**shared, **_figures(one, shared["load"]), "status": "ok", "reason": ""} for one in found]


def _figures(benchmark: dict[str, Any], load: float) -> dict[str, Any]:
    stats, extra = benchmark["stats"], benchmark["extra_info"]
    return {
        **extra,
        "median_ms": 1e3 * stats["median"],
        "iqr_ms": 1e3 * stats["iqr"],
        "rounds": stats["rounds"],
        "busy": load > BUSY or stats["iqr"] > BUSY * stats["median"],
    }


def _session(method: str, protocol: Protocol) -> list[dict[str, Any]]:
    """Run pytest-benchmark on the session file and return the benchmarks of its JSON."""
    settings = {**asdict(protocol), "method": method, "threads": cores()}
    timer = "torch.utils.benchmark.utils.timer.timer" if protocol.device.startswith("cuda") else "time.perf_counter"
    with tempfile.TemporaryDirectory() as folder, thread_environment(cores()):
        report = Path(folder) / "benchmark.json"
        command = [
            sys.executable, "-m", "pytest", str(SESSION), "-q", "--benchmark-only", f"--benchmark-json={report}",
            f"--benchmark-timer={timer}", f"--benchmark-max-time={protocol.seconds}", "--benchmark-min-rounds=5",
            "--benchmark-warmup=on", "--benchmark-warmup-iterations=3", "-p", "no:cacheprovider",
            "--import-mode=importlib", f"--rootdir={folder}", "-c", os.devnull,
        ]  # fmt: skip
        # whoever runs this under pytest means its settings for the pytest outside
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment = inherited | {"USBENCH_SPEED": json.dumps(settings)}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=protocol.limit, check=False
            )
        except subprocess.TimeoutExpired:
            raise UsbenchError(f"{method} took more than {protocol.limit:g} s.") from None
        if done.returncode or not report.is_file() or not report.stat().st_size:
            raise UsbenchError(f"{method} could not be timed: {_why(done.stdout)}")
        return json.loads(report.read_text())["benchmarks"]


def _why(output: str) -> str:
    """Return pytest's own line about the first error."""
    errors = [line[1:].strip() for line in output.splitlines() if line.startswith("E ")]
    return errors[0] if errors else "its process ended early."
