"""Despeckle files, several at a time; a result appears when it is complete."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from usbench import registry
from usbench.apply.plan import Job
from usbench.apply.planes import Despeckle, despeckled, frame_of
from usbench.core.errors import ImageError, StoreError, UsbenchError
from usbench.io import ImageFile, open_image
from usbench.io.image_file import Spacing, guarded
from usbench.io.kinds import DICOM_SUFFIXES, kind_of
from usbench.runtime.ahead import ahead
from usbench.runtime.malloc import keep_freed_memory


def identifying_data(jobs: Sequence[Job]) -> dict[Path, list[str]]:
    """Return what identifies a person, for each DICOM input that has such data."""
    from usbench.apply.dicom import identifying

    found = {}
    for job in jobs:
        if kind_of(job.source) in DICOM_SUFFIXES:
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
    whole: bool = False,
    done: Callable[[Job], None] = lambda _: None,
    note: Callable[[Job, str], None] = lambda _job, _sentence: None,
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
    whole
        Whether everything in a picture is despeckled, and not the scan alone.
    done
        Called after each file, whether it succeeded or not.
    note
        Called with each sentence on how a file was read, or what its result does not keep.
    """
    _method(method, device)
    failed: dict[Job, str] = {}
    arguments = (method, device, dynamic_range_db, whole)

    def finish(job: Job, outcome: tuple[str, list[str]]) -> None:
        reason, notes = outcome
        if reason:
            failed[job] = reason
        for sentence in notes:
            note(job, sentence)
        done(job)

    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            finish(job, _apply_one(job, *arguments))
        return failed
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context, initializer=_single_thread) as pool:
        running = {pool.submit(_apply_one, job, *arguments): job for job in jobs}
        for future in as_completed(running):
            job = running[future]
            error = future.exception()
            finish(job, (f"{job.source}: its process ended ({error}).", []) if error else future.result())
    return failed


def derivation_of(method: Any) -> str:
    """Return a sentence on the derivation of an image."""
    from importlib.metadata import version

    weights = f", weights {method.weights_hash()}" if method.weights_hash() else ""
    return f"Despeckled with {method.label} (usbench {version('usbench')}{weights})"


def _apply_one(job: Job, name: str, device: str, dynamic_range_db: float, whole: bool) -> tuple[str, list[str]]:
    """Despeckle one file; return the error or an empty string, and notes."""
    notes: list[str] = []
    try:
        method = _method(name, device)
        shown: list[tuple[np.ndarray, np.ndarray]] = []
        despeckle = _despeckler(method, device, dynamic_range_db, shown if job.panel else None)
        job.target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=job.target.parent, prefix=".usbench-") as stage:
            staged = Path(stage) / job.target.name
            notes += rewrite(job.source, staged, despeckle, derivation_of(method), whole=whole)
            if job.panel and shown:
                _panel(*shown[0]).save(Path(stage) / job.panel.name)
            for made in sorted(Path(stage).iterdir(), key=lambda made: made == staged):  # the file itself is last
                os.replace(made, job.target.with_name(made.name))
    except UsbenchError as error:
        return str(error), notes
    except MemoryError:
        return f"{job.source} does not fit into memory.", notes
    except OSError as error:
        return f"{job.target} cannot be written: {error.strerror or error}.", notes
    except Exception as error:  # decoders and writers may raise anything
        lines = str(error).strip().splitlines()
        return f"{job.source} cannot be despeckled: {lines[0] if lines else type(error).__name__}.", notes
    return "", notes


def rewrite(source: Path, target: Path, despeckle: Despeckle, derivation: str, *, whole: bool = False) -> list[str]:
    """Write the despeckled copy of a file, read it again, and return notes on what was read or kept otherwise.

    Frames are read, despeckled and written by three threads, each some frames ahead of the next.

    Parameters
    ----------
    source, target
        Of the same kind.
    despeckle
        See `usbench.apply.planes.despeckled`.
    derivation
        Derivation Description of a DICOM result.
    whole
        Whether everything is despeckled, and not the scan alone.

    Raises
    ------
    ImageError
        If the file cannot be read, has no grey or colour planes, or the result does not show what was written.
    """
    file, kind = open_image(source), kind_of(source)
    frame = guarded(source, kind, lambda: frame_of(file, whole=whole))
    written: list[str] = []

    def read() -> Iterator[np.ndarray]:
        walk = guarded(source, kind, file.planes)
        while (plane := guarded(source, kind, lambda: next(walk, None))) is not None:
            yield plane

    def results() -> Iterator[np.ndarray]:
        for plane in ahead(read()):
            result = despeckled(plane, frame, despeckle, file.nothing(plane))
            written.append(_fingerprint(result, file.exact))
            yield result

    file.write(target, ahead(results()), derivation)
    if file.is_exact():
        _check_result(target, kind, written, file)
    return [*([frame.scale.note] if frame.scale.note else []), *dict.fromkeys(file.notes)]


def _check_result(target: Path, kind: str, written: list[str], file: ImageFile) -> None:
    """Refuse a result that does not show what was written."""
    made = file.reopened(target)
    found = guarded(target, kind, lambda: [_fingerprint(plane, True) for plane in made.planes()])
    if len(found) != len(written):
        raise ImageError(f"{file.path} cannot be kept: {len(written)} frames were written as {len(found)}.")
    if found != written:
        raise ImageError(f"{file.path} cannot be kept: its kind of file does not hold the result without loss.")


def _fingerprint(plane: np.ndarray, needed: bool) -> str:
    """Return a hash of what a plane shows; three equal channels are grey."""
    if not needed:
        return ""
    grey = plane.ndim == 3 and plane.shape[-1] == 3 and not np.ptp(plane, axis=-1).any()
    shown = plane[..., 0] if grey else plane
    found = hashlib.sha256(repr(shown.shape).encode())
    for row in shown:
        found.update(np.ascontiguousarray(row, np.float64).data)
    return found.hexdigest()


def _despeckler(method: Any, device: str, range_db: float, shown: list[Any] | None) -> Despeckle:
    from usbench.evaluation.evaluate import despeckle_array

    def despeckle(image: np.ndarray, _: Spacing) -> np.ndarray:
        if shown is None or shown:
            return despeckle_array(method, image, range_db, device)
        before = image.copy()
        result = despeckle_array(method, image, range_db, device)
        shown.append((before, np.clip(result, 0, 1)))
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
