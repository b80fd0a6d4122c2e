"""The speed of methods, measured by pytest-benchmark: one method after the other, in a process of its own."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from usbench import registry
from usbench.bench.pool import Died, Pool, result_of, worker_pool
from usbench.bench.store import SPEED, Store
from usbench.core.errors import UsbenchError
from usbench.core.parameters import values_json
from usbench.evaluation.limits import cores, raise_if_interrupted
from usbench.evaluation.provenance import hardware

SPEED_COLUMNS = (
    "method", "params", "origin", "device", "hardware", "threads", "size", "batch", "median_ms", "iqr_ms", "rounds",
    "prepare_s", "peak_mib", "device_mib", "parameters", "macs", "load", "busy", "busy_ratio", "taken", "status",
    "reason",
)  # fmt: skip
BUSY = 0.08  # of the processor used by others, or of the median in the interquartile range


@dataclass(frozen=True)
class Protocol:
    """How speed is measured.

    Attributes
    ----------
    sizes
        Sides in pixels of the images for the latency.
    batches
        Images despeckled in one call, for the throughput.
    batch_size
        Sides of those.
    device
        `cpu` or `cuda`.
    seconds
        Time given to each figure, after a warm-up; never fewer than five rounds, or three of a slow method.
    limit
        Seconds after which the measurement of a method is ended; a size for which too little of them is left is not
        tried.
    attempts
        How often figures of a busy machine are measured at most; they are marked if they stay so.
    neighbours
        Whether the latency is also measured beside as many busy processes as there are cores. They are started for it.
    """

    sizes: tuple[int, ...] = (256, 512, 1024)
    batches: tuple[int, ...] = (8,)
    batch_size: int = 256
    device: str = "cpu"
    seconds: float = 1.0
    limit: float = 900.0
    attempts: int = 3
    neighbours: bool = True


# What `usbench run` measures of each method: the latency at one size, in seconds.
QUICK = Protocol(sizes=(256,), batches=(), seconds=0.3, limit=300.0, attempts=1, neighbours=False)


def speed_key(method: str, protocol: Protocol) -> str:
    """Return the key under which a method's speed is stored: a hash of whatever can change it."""
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


def measure_speeds(
    methods: Sequence[str],
    protocol: Protocol,
    store: Store,
    started: Callable[[str, int, int], None] = lambda name, number, total: None,
    *,
    gpus: Sequence[int] = (),
    memory_gib: float | None = None,
    fresh: bool = True,
) -> list[str]:
    """Measure the methods that are not in the store yet, and return the keys of all.

    Parameters
    ----------
    methods
        As the registry can load them.
    protocol
        How to measure.
    store
        Gets the rows.
    started
        Called with a method's name, its number and how many there are, before it is measured.
    gpus, memory_gib
        See `worker_pool`.
    fresh
        Whether each method gets a new process: `prepare_s` then includes imports.
    """
    keys = {method: speed_key(method, protocol) for method in methods}
    missing = [method for method, key in keys.items() if not store.has(key, SPEED)]
    if missing:
        with worker_pool(1, threads=cores(), gpus=gpus[:1], memory_gib=memory_gib, fresh=fresh) as pool:
            for number, method in enumerate(missing):
                raise_if_interrupted()
                started(method, number, len(missing))
                store.write(keys[method], _attempts(pool, method, protocol), SPEED_COLUMNS, SPEED)
    return list(keys.values())


def _attempts(pool: Pool, method: str, protocol: Protocol) -> list[dict[str, Any]]:
    """Return the rows of the attempt with the fewest figures of a busy machine."""
    began = time.monotonic()
    best = _rows(pool, method, protocol)
    for _ in range(protocol.attempts - 1):
        if not _busy(best) or time.monotonic() - began > protocol.limit / 2:
            break
        best = min(best, _rows(pool, method, protocol), key=_busy)
    return best


def _busy(rows: Sequence[dict[str, Any]]) -> int:
    return sum(row["busy"] for row in rows)


def _rows(pool: Pool, method: str, protocol: Protocol) -> list[dict[str, Any]]:
    """Return a row per figure, or one with the reason why there is none."""
    import psutil

    target = registry.load_method(method)
    shared = {
        "method": target.label,
        "params": values_json(target.values()),
        "origin": registry.method_plugin(method).origin,
        "device": protocol.device,
        "hardware": hardware(protocol.device),
        "threads": cores(),
        "load": psutil.cpu_percent(interval=0.5) / 100,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        figures = _measured(pool, method, protocol)
    except UsbenchError as error:
        return [{**shared, "busy": False, "status": "failed", "reason": str(error)}]
    return [{**shared, **_figures(one, shared["load"])} for one in figures]


def _measured(pool: Pool, method: str, protocol: Protocol) -> list[dict[str, Any]]:
    from usbench.bench.speed_session import measure

    settings = {**asdict(protocol), "method": method, "threads": cores()}
    try:
        return result_of(pool.schedule(measure, settings, timeout=protocol.limit))
    except TimeoutError:
        raise UsbenchError(f"{method} took more than {protocol.limit:g} s.") from None
    except Died as error:
        raise UsbenchError(f"{method} took its process down while it was timed ({error}).") from None


def _figures(benchmark: dict[str, Any], load: float) -> dict[str, Any]:
    extra = benchmark["extra_info"]
    if "skipped" in benchmark:
        return {**extra, "busy": False, "status": "failed", "reason": benchmark["skipped"]}
    stats = benchmark["stats"]
    return {
        **extra,
        "status": "ok",
        "reason": "",
        "median_ms": 1e3 * stats["median"],
        "iqr_ms": 1e3 * stats["iqr"],
        "rounds": stats["rounds"],
        "busy": load > BUSY or stats["iqr"] > BUSY * stats["median"],
    }
