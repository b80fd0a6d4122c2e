"""A slow simulated set made once, in parallel, into files that can be kept and shipped."""

from collections.abc import Callable
from concurrent.futures import Future, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

from usbench import registry
from usbench.bench.pool import Died, result_of, worker_pool
from usbench.core.dataset import Split
from usbench.core.errors import StoreError, UsageError
from usbench.core.sample import Sample
from usbench.evaluation.limits import noting_interrupts, raise_if_interrupted
from usbench.evaluation.sample_cache import load_sample
from usbench.io.sample_folder import write_index, write_sample


def render_set(
    name: str,
    folder: Path,
    *,
    split: Split = "test",
    workers: int = 1,
    done: Callable[[int, int], None] = lambda _done, _of: None,
) -> dict[str, Any]:
    """Make every sample of a simulated set and write it to a folder; return `dataset`, `samples` and `folder`.

    Samples that were made before, by this version of the code, come from the cache of simulated samples, so an
    interrupted rendering goes on where it was.

    Parameters
    ----------
    name
        As the registry can load it, such as `contrast-speckle[count=4]+simus`.
    folder
        New or empty, or a rendering of before, which is written over.
    split
        Of the set.
    workers
        Processes.
    done
        Told how many samples are written, and of how many.

    Raises
    ------
    UsageError
        If the name is unknown, the set is not simulated, or the folder holds something else.
    StoreError
        If a file cannot be written, or a process was killed.
    """
    dataset = registry.load_dataset(name, split=split)
    if dataset.kind != "simulated":
        raise UsageError(f"{dataset.label} is {dataset.kind} data; only a simulated set is rendered.")
    count = len(dataset)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strange = [file.name for file in folder.iterdir() if file.name != "index.json" and file.suffix != ".png"]
    except OSError as error:
        raise UsageError(f"{folder} cannot be used: {error.strerror or error}.") from None
    if strange:
        raise UsageError(f"{folder} holds {strange[0]}, which is no part of a rendering; give a new folder.")
    entries: dict[int, dict[str, Any]] = {}
    done(0, count)
    with noting_interrupts(), worker_pool(min(workers, count)) as pool:
        running: dict[Future[Sample], int] = {
            pool.schedule(make_sample, name, split, index): index for index in range(count)
        }
        try:
            for future in as_completed(running):
                raise_if_interrupted()
                entries[running[future]] = write_sample(folder, result_of(future))
                done(len(entries), count)
        except Died:
            message = f"A process ended before its sample was made; {len(entries)} of {count} are kept, render again."
            raise StoreError(message) from None
    about = {
        "dataset": dataset.label,
        "version": dataset.version,
        "split": split,
        "command": f"usbench data render '{name}' --split {split} -o FOLDER",
        "libraries": {library: version(library) for library in ("usbench", "numpy", "scipy", "pymust")},
    }
    write_index(folder, about, [entries[index] for index in range(count)])
    return {"dataset": dataset.label, "samples": count, "folder": str(folder)}


def make_sample(name: str, split: Split, index: int) -> Sample:
    """Return a sample of a set, from the cache if it was made before; runs in a worker process."""
    return load_sample(registry.load_dataset(name, split=split), index)
