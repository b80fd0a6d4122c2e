"""Train the networks beside gan-d and gan-s as they are shipped, and put their weights into the package.

It takes some 20 hours of one core. Start it once for each core: a process takes a training that no other has taken and
that is not finished, and a stopped training goes on where it was. `usbench train gan-s` and `usbench train gan-d` come
first, since the pairs of the others are made with S.
"""

import argparse
import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
TRAININGS = ROOT / "training"
DEEP, PIX2PIX = (ROOT / "methods" / family / "weights" for family in ("deep", "pix2pix"))
SHARED_LIST = "baselines.training.txt"  # fingerprints of the images that most of them are trained on
RATES = ("--try", "learning_rate=2e-4,5e-4,1e-3")
ONE_CORE = ("--threads", "1", "--loaders", "0")
BASELINES = (
    "nafnet", "unet", "unet-residual", "restormer-light", "ir-sde", "dncnn", "red-cnn", "id-cnn", "drnn", "cyclegan",
    "noise2noise", "noise2void", "neighbor2neighbor", "speckle2self", "mask2restore",
)  # fmt: skip
TRANSFER = ("gan-s", "loupas", "rayleigh", "recpad", "varied")  # simulators; none of the verdict suite

# What is shipped: where, the file's name, and the arguments of `usbench train`.
RUNS: tuple[tuple[Path, str, tuple[str, ...]], ...] = (
    (PIX2PIX, "gan-d-short", ("gan-d-short", *RATES)),
    *((DEEP, name, (name, *RATES)) for name in BASELINES),
    *((DEEP, f"unet-transfer-{name}", ("unet-transfer", "--set", f"simulator={name}", *RATES)) for name in TRANSFER),
    (PIX2PIX, "gan-d-paper", ("gan-d-paper", "--set", "width=16", "--max-time", "150m")),
)


def is_done(package: Path, name: str) -> bool:
    """Return whether the package has weights of a training by its budget: their card says what they cost."""
    card = package / f"{name}.json"
    return card.is_file() and "core_seconds" in json.loads(card.read_text())


@contextmanager
def taken(name: str) -> Iterator[bool]:
    """Yield whether a training is this process's; another process cannot take it meanwhile."""
    TRAININGS.mkdir(exist_ok=True)
    with (TRAININGS / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def put(made: Path, package: Path, name: str) -> None:
    """Put weights, card and curve of a training into the package; networks trained on the same images share a list."""
    (source,) = made.glob("*.json")
    card = json.loads(source.read_text())
    images = card["training_images"]
    listed, shared = made / images["file"], package / SHARED_LIST
    if package == DEEP and not shared.exists():
        shutil.copyfile(listed, shared)
    same = shared.exists() and shared.read_bytes() == listed.read_bytes()
    images["file"] = SHARED_LIST if same else f"{name}.training.txt"
    if not same:
        shutil.copyfile(listed, package / images["file"])
    renamed = {file: file.replace(source.stem, name, 1) for file in card["files"]}
    for file, new in renamed.items():
        shutil.copyfile(made / file, package / new)
    card["files"] = {renamed[file]: digest for file, digest in card["files"].items()}
    shutil.copyfile(made / f"{source.stem}.curve.csv", package / f"{name}.curve.csv")
    (package / f"{name}.json").write_text(json.dumps(card, indent=1, sort_keys=True) + "\n")


def main(arguments: list[str]) -> None:
    """Make every training that is neither done nor under way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of the images behind the shipped weights")
    parser.add_argument("--list", action="store_true", help="only say what is to be done")
    given = parser.parse_args(arguments)
    for package, name, options in RUNS:
        with taken(name) as mine:
            if not mine or is_done(package, name):
                continue
            folder = TRAININGS / name
            command = [sys.executable, "-m", "usbench", "train", *options, *ONE_CORE]
            command += ["--data", given.data, "--folder", str(folder)]
            print(*command, flush=True)
            if not given.list:
                subprocess.run(command, check=True)
                put(folder / "weights", package, name)


if __name__ == "__main__":
    main(sys.argv[1:])
