"""A Dask scheduler and workers, as processes on this machine."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
from program_files import program
from watchers import Silent

from usbench.bench.session import Request, Result, run
from usbench.bench.store import Store

SECONDS = 120  # for anything to happen on a busy machine
SET = "phantom[count=4]+rayleigh"
ODD = program("odd")


class Cluster:
    """Processes on the loopback interface, on a port of their own; all are killed at the end.

    Each worker has its own cache of samples, `FOLDER/NAME`, and its name in the environment variable WORKER.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler: subprocess.Popen | None = None
        self.workers: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_) -> None:
        for process in [*self.workers.values(), *filter(None, [self.scheduler])]:
            kill(process)

    def start_scheduler(self, **environment: str) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self.scheduler = self._start("scheduler", ["scheduler", *where], environment)

    def start_worker(
        self, name: str, threads: int = 1, nanny: bool = False, largest_file: int | None = None, **environment: str
    ) -> None:
        options = ["--nthreads", str(threads), "--no-dashboard", "--nanny" if nanny else "--no-nanny"]
        local = ["--local-directory", str(self.folder / f"{name}-scratch")]
        environment = {"USBENCH_CACHE": str(self.folder / name), "WORKER": name} | environment
        command = ["worker", self.address, *options, *local]
        self.workers[name] = self._start(name, command, environment, largest_file)

    def wait_for(self, threads: int) -> None:
        """Return once the workers have so many threads."""
        from distributed import Client

        deadline = time.monotonic() + SECONDS
        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            while sum(client.nthreads().values()) != threads:
                assert time.monotonic() < deadline, client.nthreads()
                time.sleep(0.05)

    def _start(
        self, name: str, command: list[str], environment: dict[str, str], largest_file: int | None = None
    ) -> subprocess.Popen:
        def limit_files() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command],
                cwd=self.folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=limit_files,
            )


def kill(process: subprocess.Popen) -> None:
    """Kill a process that leads a session, and all of its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Listener(Silent):
    """Records what a run reports, and calls `act` when the first unit has ended."""

    def __init__(self, act=lambda: None):
        self.act, self.images, self.notes, self.finishes = act, 0, [], 0

    def image_done(self):
        self.images += 1

    def finished(self, unit, outcome):
        self.finishes += 1
        if self.finishes == 1:
            self.act()

    def note(self, sentence):
        self.notes.append(sentence)


def run_on(
    scheduler: str, folder: Path, methods, datasets=(SET,), act=lambda: None, **options
) -> tuple[Result, pd.DataFrame, Listener]:
    """Run units on a scheduler's workers, or here if it is "", and return the result, its rows and the listener."""
    listener = Listener(act)
    options = {"metrics": ("psnr", "gcnr"), "timing": False, "workers": 1} | options
    result = run(Request(tuple(methods), tuple(datasets), scheduler=scheduler, **options), folder, listener)
    return result, Store(folder).read([key for key in result.keys if Store(folder).has(key)]), listener
