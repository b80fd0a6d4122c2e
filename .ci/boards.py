"""Tune, run and time all methods for the boards of a release, and write boards, pictures and prose.

It takes days on one machine. What is finished stays in results/, and the same command goes on. `--part tune --share
0/2` and `--share 1/2` tune in two processes; `--workers` goes to `usbench run`. Real sets that were added with `usbench
data add` are run too. Tuned settings are also kept in leaderboards/tuning, so that a new clone need not search.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from usbench import registry
from usbench.bench.suites import CONTROLS, TRANSFER, suite
from usbench.bench.tune import find_tuned, tuned_file
from usbench.core.errors import UsageError

SEEDS, IMAGES, FEWEST_IMAGES = 3, 8, 4
BUDGET = ("--trials", "20", "--seeds", str(SEEDS), "--images", str(IMAGES), "--max-time", "5m")  # of every search
SLOW = ("zs-n2n", "natural+rayleigh", "echo+lesions"), ("dip", "natural+rayleigh")  # they learn from each image anew
SLOW_LIMIT = "7200"  # seconds an image
ROOT = Path(__file__).parents[1]
CARDS = ROOT / "methods" / "deep" / "weights"
RESULTS, KEPT = ROOT / "results", ROOT / "leaderboards"


def searches() -> Iterator[tuple[str, str]]:
    """Yield method and data set of every search: on sets with a few validation images, none of them of the test."""
    searched = [name for name, method in registry.working("methods").items() if method.space]
    for dataset in suite("release")[0]:
        validation, test = (set(registry.load_dataset(dataset, split=split).ids()) for split in ("val", "test"))
        if len(validation) >= FEWEST_IMAGES and not validation & test:
            yield from ((method, dataset) for method in searched)


def tune(share: int, of: int) -> None:
    """Make every search that is a share of all, unless its result is there, and keep what was found."""
    for method, dataset in list(searches())[share::of]:
        found, kept = (tuned_file(method, registry.load_dataset(dataset).label, folder) for folder in (RESULTS, KEPT))
        if not found.is_file():
            copy(kept, found)
        if not is_tuned(method, dataset, RESULTS):
            usbench("tune", method, "-d", dataset, *BUDGET)
        copy(found, kept)


def copy(source: Path, target: Path) -> None:
    """Copy a tuned setting, if there is one: a method may fail at every setting."""
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def is_tuned(method: str, dataset: str, folder: Path) -> bool:
    """Return whether a folder has what a search with this budget found for the present versions of method and set."""
    images = registry.load_dataset(dataset, split="val")
    try:
        found = find_tuned(method, images, folder)
    except UsageError:  # of another version of the set, or damaged
        return False
    wanted = (registry.load_method(method).version, SEEDS, min(IMAGES, len(images)))
    return found is not None and (found.version, found.seeds, found.images) == wanted


def run(workers: int) -> None:
    """Compute all rows but those of slow methods: each at its defaults and tuned, controls, transfer networks."""
    some = ("--no-timing", "--workers", str(workers))
    usbench("run", "--suite", "release", "--tuned", *some)
    usbench("run", "--suite", "release", *each("-m", CONTROLS), *some)
    trained_on = sorted(card.stem.removeprefix("unet-transfer-") for card in CARDS.glob("unet-transfer-*.json"))
    networks = [f"unet-transfer[simulator={name}]" for name in trained_on]
    usbench("run", *each("-m", networks), *each("-d", TRANSFER), *some)


def run_slow(workers: int) -> None:
    """Compute the rows of methods that take minutes an image, on a few sets; the boards say why on no other."""
    for method, *datasets in SLOW:
        some = ("--time-limit", SLOW_LIMIT, "--no-timing", "--workers", str(workers))
        usbench("run", "-m", method, *each("-d", datasets), *some)


def publish() -> None:
    """Time every method, alone on the machine, and write boards, pictures and prose."""
    usbench("time")
    usbench("gallery")
    usbench("tables")
    usbench("tables", "--fill", "README.md", "--fill", "docs/findings.md")


def each(option: str, values: Sequence[str]) -> list[str]:
    """Return the option before each of its values."""
    return [word for value in values for word in (option, value)]


def usbench(*arguments: str) -> None:
    """Run a command of usbench; what a method failed at is a row with its reason, and the next command follows."""
    print("usbench", *arguments, flush=True)
    code = subprocess.run([sys.executable, "-m", "usbench", *arguments]).returncode
    if code > 1 or (code and arguments[0] == "tables"):
        sys.exit(code)


def main(arguments: list[str]) -> None:
    """Do the parts that are asked for, in their order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("tune", "run", "slow", "publish"), action="append")
    parser.add_argument("--share", default="0/1", help="of the searches, as 0/2 and 1/2")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    share, of = map(int, given.share.split("/"))
    parts: dict[str, Callable[[], None]] = {
        "tune": lambda: tune(share, of),
        "run": lambda: run(given.workers),
        "slow": lambda: run_slow(given.workers),
        "publish": publish,
    }
    for name in given.part or parts:
        parts[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
