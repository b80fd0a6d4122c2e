"""Kill a search in argv[1] on the set argv[2] twenty times."""

import os
import random
import select
import signal
import sys
import time
from pathlib import Path

import optuna  # noqa: F401 - children find them imported
import torch  # noqa: F401

import usbench.evaluation.evaluate  # noqa: F401
from usbench.bench.tune import tune

writer = -1


def tell(*_) -> None:
    os.write(writer, b".")


moments = random.Random(7)
for kill in range(20):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        tune(
            "gaussian",
            sys.argv[2],
            Path(sys.argv[1]),
            trials=4000,
            images=1,
            seeds=1,
            progress=tell,
        )
        os._exit(9)
    os.close(writer)
    for _ in range(moments.randint(0, 3)):
        assert select.select([reader], [], [], 60)[0], f"the search does not go on after kill {kill}"
        assert os.read(reader, 1) == b".", f"the search ended by itself after kill {kill}"
    time.sleep(moments.uniform(0, 0.3))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, "it ended by itself"
    os.close(reader)
