"""Busy processes beside a measurement."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from usbench.evaluation.limits import cores

# Ends with its parent, which may be killed.
SPINNING = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(10**6): pass"
START_SECONDS = 0.3


@contextmanager
def busy_neighbours() -> Iterator[None]:
    """Run as many busy processes as there are cores while the block runs, as on a shared machine."""
    processes = [subprocess.Popen([sys.executable, "-S", "-c", SPINNING]) for _ in range(cores())]
    try:
        time.sleep(START_SECONDS)
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
