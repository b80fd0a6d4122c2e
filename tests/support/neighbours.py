"""Busy processes beside a benchmark, as many as the machine has cores."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from usbench.evaluation.limits import cores

STATES = ("quiet", "busy")


@contextmanager
def neighbours(state: str) -> Iterator[None]:
    """Keep each core busy with another process while the block runs, if the state is `busy`."""
    spinning = "while True: pass"
    count = cores() if state == "busy" else 0
    processes = [subprocess.Popen([sys.executable, "-S", "-c", spinning]) for _ in range(count)]
    try:
        time.sleep(0.3 if count else 0)  # until they spin
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
