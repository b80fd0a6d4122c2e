"""Runs that are killed, resumed, run side by side and damaged at random; their rows must be those of a clean run.

    python tests/soak/soak.py --minutes 120 --seed 1

A round draws data and plugins, some of which exit, fork, hang or leave processes behind. It runs them once undisturbed,
and then in another folder with all that can go wrong: processes and their workers killed at any moment, two runs into
one folder, results files truncated or with a flipped bit. At its end the rows are compared bit for bit. The first
difference ends the soak with exit code 1 and keeps the folders; `--seed` draws the same rounds again.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from usbench.bench.store import Store

sys.path.append(str(Path(__file__).parents[1] / "support"))
from processes import alive
from program_files import program

PRODUCTS = ("phantom[count=40]+rayleigh", "natural[size=64]+gamma", "natural[size=32]+loupas", "shapes[count=6]+recpad")
SHIPPED = ("median[size=3]", "lee", "srad[iterations=5]", "wavelet", "gaussian")
SHADES = 7
LEFT = f"864213.{os.getpid()}"  # seconds that a process sleeps which a method of this soak has left behind
SECONDS = "8"  # for an image
PATIENCE = 10.0  # seconds for the workers of a killed run to end what methods left behind
ATTEMPTS = 12  # disturbed runs of a round, before one may end in peace
IDENTITY = ["method", "dataset", "sample"]


@dataclass(frozen=True)
class Work:
    """What a round runs."""

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    options: tuple[str, ...]

    def command(self, results: Path, *, workers: int, retry: bool) -> list[str]:
        """Return the command line."""
        chosen = [part for method in self.methods for part in ("-m", method)]
        chosen += [part for dataset in self.datasets for part in ("-d", dataset)]
        more = ["--retry-failed"] if retry else []
        return [
            *(
                sys.executable,
                "-m",
                "usbench",
                "run",
                *chosen,
                *self.options,
                *more,
                "--metric",
                "psnr",
                "--metric",
                "ssim",
            ),
            *("--no-timing", "--json", "--time-limit", SECONDS, "--workers", str(workers), "--results", str(results)),
        ]


class Soak:
    """Draws and runs rounds, and counts what happened.

    Parameters
    ----------
    folder
        Plugins, data and results go here.
    seed
        Of all draws; which moment of a run a kill hits depends on the machine.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.counts: Counter[str] = Counter()

    def round(self) -> str:
        """Run one round and return what differs, or an empty string."""
        self.counts["rounds"] += 1
        here = self.folder / f"round-{self.counts['rounds']}"
        here.mkdir(parents=True)
        work = self._draw(here)
        expected = self._undisturbed(work, here / "clean")
        results = here / "disturbed"
        for _ in range(self.random.randint(2, ATTEMPTS)):
            self._disturbed_runs(work, results)
            self._damage(results)
        found = self._undisturbed(work, results)
        self.counts["rows"] += len(found)
        return difference(expected, found)

    def _draw(self, here: Path) -> Work:
        plugins = [self._plugin(here, number) for number in range(self.random.randint(1, 3))]
        methods = plugins + self.random.sample(SHIPPED, self.random.randint(1, 2))
        datasets = [*self.random.sample(PRODUCTS, self.random.randint(1, 2)), self._images(here)]
        options = ["--limit", str(self.random.randint(3, 20))] + ["--isolate"] * (self.random.random() < 0.25)
        return Work(tuple(methods), tuple(datasets), tuple(options))

    def _plugin(self, here: Path, number: int) -> str:
        file = here / f"filter{number}.py"
        acts = ("REFUSED", "FATAL", "VANISHING", "EXITING", "HANGING", "FORKING", "LEAVING")
        shades = self.random.sample(range(3 * SHADES), len(acts))  # a third of them happen
        title = f"Random filter {self.random.random()}"
        constants = {"SIZE": self.random.randint(0, 8), "WEIGHT": self.random.random(), "LEFT": LEFT, "SHADES": SHADES}
        text = program("random_filter", TITLE=title, **constants, **dict(zip(acts, shades, strict=True)))
        file.write_text(text.replace("def random_filter", f"def {file.stem}"))
        return str(file)

    def _images(self, here: Path) -> str:
        from PIL import Image

        folder = here / "images"
        folder.mkdir()
        rng = np.random.default_rng(self.random.getrandbits(32))
        for number in range(self.random.randint(1, 5)):
            shape = tuple(rng.integers(16, 80, size=2))
            Image.fromarray(rng.integers(0, 256, size=shape, dtype=np.uint8)).save(folder / f"{number}.png")
        return f"folder:{folder}"

    def _undisturbed(self, work: Work, results: Path) -> pd.DataFrame:
        """Run to the end. A method that takes its process down fails here too: exit codes 0 and 1 are both an end."""
        done = subprocess.run(
            work.command(results, workers=2, retry=True),
            cwd=results.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1) or "Traceback" in done.stderr or "usbench: " in done.stderr:
            raise AssertionError(f"a run ended with exit code {done.returncode}: {done.stderr[-2000:]}")
        if left := alive("sleep", LEFT):
            raise AssertionError(f"{len(left)} processes that methods started outlive the run")
        return rows(results)

    def _disturbed_runs(self, work: Work, results: Path) -> None:
        """Start one or two runs into the same folder, and kill them or their workers."""
        with ExitStack() as opened:
            said = [
                opened.enter_context(tempfile.TemporaryFile("w+"))
                for _ in range(1 if self.random.random() < 0.6 else 2)
            ]
            running = [
                subprocess.Popen(
                    work.command(results, workers=self.random.randint(1, 3), retry=self.random.random() < 0.3),
                    cwd=results.parent, stdout=subprocess.DEVNULL, stderr=errors,
                )
                for errors in said
            ]  # fmt: skip
            self.counts["runs"] += len(running)
            self.counts["side by side"] += len(running) > 1
            for process in running:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=self.random.uniform(0.5, 8))
                self._hit(process)
            for process, file in zip(running, said, strict=True):
                process.wait()
                file.seek(0)
                errors = file.read()
                # a worker that is starting when its run is killed finds its semaphores gone, and Python says so
                if "Traceback" in errors and process.returncode != -signal.SIGKILL:
                    raise AssertionError(f"a run ended with a traceback: {errors[-2000:]}")
        deadline = time.monotonic() + PATIENCE
        while (left := alive("sleep", LEFT)) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in left:  # of a run whose last worker was killed with it: nobody was there to end them
            self.counts["left behind"] += 1
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _hit(self, process: subprocess.Popen) -> None:
        """Kill a run, or one of its workers, or interrupt it as a user does; at times let it be."""
        way = self.random.choice(("kill", "kill", "worker", "interrupt", "let be"))
        if process.poll() is not None:
            way = "was done"
        self.counts[way] += 1
        if way == "kill":
            process.kill()
        elif way == "interrupt":
            process.send_signal(signal.SIGINT)
        elif way == "worker":
            with suppress(psutil.NoSuchProcess):
                workers = [one for one in psutil.Process(process.pid).children() if "spawn_main" in str(one.cmdline())]
                for worker in workers[:1]:
                    worker.kill()

    def _damage(self, results: Path) -> None:
        """Truncate results files, or flip one bit of each."""
        files = sorted((results / "units").glob("*.parquet"))
        for path in self.random.sample(files, self.random.randint(0, len(files))):
            content = bytearray(path.read_bytes())
            place = self.random.randrange(len(content))
            if self.random.random() < 0.5:
                content[place] ^= 1 << self.random.randrange(8)
            else:
                del content[place:]
            path.write_bytes(content)
            self.counts["damaged"] += 1


def rows(results: Path) -> pd.DataFrame:
    """Return the rows of a folder in an order of their own, without what tells runs apart."""
    frame = Store(results).read().drop(columns="commit", errors="ignore")  # others may commit meanwhile
    return frame.sort_values(IDENTITY, kind="stable").reset_index(drop=True)


def difference(expected: pd.DataFrame, found: pd.DataFrame) -> str:
    """Return in what two sets of rows differ: rows lost or doubled, or a value that is not the same bit for bit."""
    if found.duplicated(IDENTITY).any():
        return f"{int(found.duplicated(IDENTITY).sum())} rows are doubled"
    try:
        pd.testing.assert_frame_equal(expected, found, check_exact=True)
    except AssertionError as error:
        return " ".join(str(error).split())
    return ""


def main() -> int:
    """Soak for some minutes, and report as lines of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    until = time.monotonic() + 60 * given.minutes
    folder = Path(tempfile.mkdtemp(prefix="usbench-soak-"))
    soak = Soak(folder, given.seed)
    while time.monotonic() < until:
        finding = soak.round()
        print(json.dumps({"minutes_left": round((until - time.monotonic()) / 60, 1), **soak.counts}), flush=True)
        if finding:
            print(f"Round {soak.counts['rounds']} of seed {given.seed} differs: {finding}; see {folder}.")
            return 1
        shutil.rmtree(folder / f"round-{soak.counts['rounds']}")
    folder.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
