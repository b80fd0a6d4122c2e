"""Despeckle files, several at a time; a result appears when it is complete."""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from usbench import registry
from usbench.apply.plan import Job
from usbench.apply.planes import Despeckle
from usbench.apply.rewrite import rewrite
from usbench.core.errors import StoreError, UsbenchError
from usbench.io.readers import suffix_of
from usbench.runtime.malloc import keep_freed_memory


def identifying_data(jobs: Sequence[Job]) -> dict[Path, list[str]]:
    """Return what identifies a person, for each DICOM input that has such data."""
    from usbench.apply.dicom import identifying

    found = {}
    for job in jobs:
        if suffix_of(job.source) in (".dcm", ".dicom"):
            try:
                found[job.source] = identifying(job.source)
            except Exception:  # a file that cannot be read is reported when it is despeckled
                continue
    return {source: what for source, what in found.items() if what}


def apply_all(
    method: str,
    jobs: Sequence[Job],
    *,
    device: str = "cpu",
    dynamic_range_db: float = 60.0,
    workers: int = 1,
    done: Callable[[Job], None] = lambda _: None,
) -> dict[Job, str]:
    """Despeckle files, and return the errors.

    Parameters
    ----------
    method
        A name for the registry.
    jobs
        See `usbench.apply.plan.make_jobs`.
    device
        Device of the method.
    dynamic_range_db
        Of the scanner's log compression, for methods that work on the envelope.
    workers
        Processes; each prepares the method once.
    done
        Called after each file, whether it succeeded or not.
    """
    _method(method, device)
    failed: dict[Job, str] = {}
    arguments = (method, device, dynamic_range_db)
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            if reason := _apply_one(job, *arguments):
                failed[job] = reason
            done(job)
        return failed
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context, initializer=_single_thread) as pool:
        running = {pool.submit(_apply_one, job, *arguments): job for job in jobs}
        for future in as_completed(running):
            job = running[future]
            error = future.exception()
            reason = f"{job.source}: its process ended ({error})." if error else future.result()
            if reason:
                failed[job] = reason
            done(job)
    return failed


def derivation_of(method: Any) -> str:
    """Return a sentence on the derivation of an image."""
    from importlib.metadata import version

    weights = f", weights {method.weights_hash()}" if method.weights_hash() else ""
    return f"Despeckled with {method.label} (usbench {version('usbench')}{weights})"


def _apply_one(job: Job, name: str, device: str, dynamic_range_db: float) -> str:
    """Despeckle one file; return the error, or an empty string."""
    try:
        method = _method(name, device)
        shown: list[tuple[np.ndarray, np.ndarray]] = []
        despeckle = _despeckler(method, device, dynamic_range_db, shown if job.panel else None)
        job.target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=job.target.parent, prefix=".usbench-") as stage:
            staged = Path(stage) / f"result{suffix_of(job.source)}"
            rewrite(job.source, staged, despeckle, derivation_of(method))
            os.replace(staged, job.target)
            if job.panel and shown:
                _panel(*shown[0]).save(Path(stage) / "panel.png")
                os.replace(Path(stage) / "panel.png", job.panel)
    except UsbenchError as error:
        return str(error)
    except MemoryError:
        return f"{job.source} does not fit into memory."
    except OSError as error:
        return f"{job.target} cannot be written: {error.strerror or error}."
    except Exception as error:  # decoders and writers may raise anything
        lines = str(error).strip().splitlines()
        return f"{job.source} cannot be despeckled: {lines[0] if lines else type(error).__name__}."
    return ""


def _despeckler(method: Any, device: str, range_db: float, shown: list[Any] | None) -> Despeckle:
    from usbench.core.sample import Sample
    from usbench.evaluation.evaluate import despeckle_sample

    def despeckle(image: np.ndarray) -> np.ndarray:
        result = despeckle_sample(method, Sample("frame", image, dynamic_range_db=range_db), device)
        if shown is not None and not shown:
            shown.append((image, result))
        return result

    return despeckle


@cache
def _method(name: str, device: str) -> Any:
    keep_freed_memory()
    method = registry.load_method(name)
    try:
        method.prepare(device)
    except UsbenchError:
        raise
    except Exception as error:  # a method may raise anything
        raise StoreError(f"{method.label} cannot be prepared on {device}: {error}.") from None
    return method


def _single_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _panel(before: np.ndarray, after: np.ndarray) -> Any:
    from PIL import Image

    gap = np.ones((before.shape[0], 4), np.float32)
    return Image.fromarray(np.round(255 * np.hstack([before, gap, after])).astype(np.uint8))
