"""Leave a pool while one worker does not heed SIGTERM and another, in place of one that crashed, is starting."""

import os
import signal
import tempfile
import time
from pathlib import Path

from usbench.bench.pool import worker_pool


def deaf(started: Path) -> None:
    """Sleep on whatever the pool says."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    started.touch()
    time.sleep(1e6)


def crash(started: Path) -> None:
    """End the process once the other one has begun."""
    while not started.exists():
        time.sleep(0.01)
    os._exit(3)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, worker_pool(2) as pool:
        begun = Path(folder) / "begun"
        pool.schedule(deaf, begun)
        pool.schedule(crash, begun).exception()
    print("left")
