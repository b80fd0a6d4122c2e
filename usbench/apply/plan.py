"""Plan which input becomes which result; nothing is overwritten unless asked."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from usbench.core.errors import UsageError
from usbench.io import SUFFIXES
from usbench.io.readers import suffix_of


@dataclass(frozen=True)
class Job:
    """A file to despeckle, the file of the result, and the file of a picture of both (None for none)."""

    source: Path
    target: Path
    panel: Path | None = None


def make_jobs(inputs: Sequence[str], out: Path, *, force: bool = False, panel: bool = False) -> list[Job]:
    """Return the jobs for inputs.

    The result of a single file is the file `out`, unless that is a folder. Other results go into the folder `out`;
    files of an input folder keep their relative paths.

    Parameters
    ----------
    inputs
        Files, folders, or globs that the shell did not expand.
    out
        A file or a folder.
    force
        Replace existing results. An input is never replaced.
    panel
        Also write `NAME-panel.png`, input and result side by side.

    Raises
    ------
    UsageError
        If there is nothing to do, or a result would replace a file, an input, or another result.
    """
    sources = [pair for text in inputs for pair in _sources(text)]
    if not sources:
        raise UsageError(f"There is no image in {', '.join(inputs)}.")
    single = len(sources) == 1 and not Path(inputs[0]).is_dir() and not out.is_dir() and bool(suffix_of(out))
    if single and suffix_of(out) != suffix_of(sources[0][0]):
        kinds = f"{suffix_of(sources[0][0])} and {suffix_of(out)}"
        raise UsageError(f"The result is of the same kind as the input; {kinds} are two.")
    if not single and out.is_file():
        raise UsageError(f"{out} is a file; {len(sources)} results need a folder.")
    jobs = []
    for source, place in sources:
        target = out if single else out / place
        name = target.name.removesuffix(suffix_of(target)) if suffix_of(target) else target.name
        jobs.append(Job(source, target, target.with_name(f"{name}-panel.png") if panel else None))
    _refuse(jobs, force)
    return jobs


def _sources(text: str) -> list[tuple[Path, Path]]:
    """Return each file of an input with its path relative to the output folder."""
    path = Path(text).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and suffix_of(file) in SUFFIXES)
        return [(file, file.relative_to(path)) for file in files]
    if path.is_file():
        return [(path, Path(path.name))]
    if any(sign in text for sign in "*?["):
        files = sorted(Path(found) for found in glob.glob(str(path), recursive=True))
        return [(file, Path(file.name)) for file in files if file.is_file() and suffix_of(file) in SUFFIXES]
    raise UsageError(f"The input {text} does not exist.")


def _refuse(jobs: Sequence[Job], force: bool) -> None:
    inputs = {job.source.resolve() for job in jobs}
    seen: dict[Path, Path] = {}
    for job in jobs:
        for target in filter(None, (job.target, job.panel)):
            place = target.resolve()
            if place in inputs:
                raise UsageError(f"The result {target} would replace an input; name another folder.")
            if place in seen:
                raise UsageError(f"{seen[place]} and {job.source} would both become {target}.")
            seen[place] = job.source
            if target.exists() and not force:
                raise UsageError(f"{target} exists; --force replaces it.")
