"""Plan which input becomes which result; nothing is overwritten unless asked."""

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from usbench.core.errors import ImageError, UsageError
from usbench.io.kinds import KINDS, is_dicomdir, kind_of, same_kind, suffix_of

APART = (".raw", ".zraw")  # files with the voxels of a .mhd
FILE_ID = re.compile(r"[A-Za-z0-9_]{1,16}")  # a part of a path in a DICOMDIR


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
        Files, folders, DICOMDIRs, or globs that the shell did not expand.
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
    single = len(sources) == 1 and _is_file(inputs[0]) and not out.is_dir() and bool(suffix_of(out))
    if single:
        _check_kind(sources[0][0], out)
    if not single and out.is_file():
        raise UsageError(f"{out} is a file; {len(sources)} results need a folder.")
    jobs = []
    for source, place in sources:
        target = out if single else out / place
        suffix = suffix_of(target) if suffix_of(target) in KINDS else ""
        name = target.name.removesuffix(target.name[len(target.name) - len(suffix) :]) if suffix else target.name
        jobs.append(Job(source, target, target.with_name(f"{name}-panel.png") if panel else None))
    _refuse(jobs, force)
    return jobs


def left_out(inputs: Sequence[str]) -> list[Path]:
    """Return the files of input folders that are of no known kind, in order."""
    found = []
    for text in inputs:
        folder = Path(text).expanduser()
        if folder.is_dir():
            found += [file for file in _files(folder) if not kind_of(file) and not _belongs(file)]
    return found


def _is_file(text: str) -> bool:
    path = Path(text).expanduser()
    return not path.is_dir() and not (path.is_file() and is_dicomdir(path))


def _check_kind(source: Path, out: Path) -> None:
    kind, wanted = kind_of(source) or suffix_of(source), suffix_of(out)
    if kind == ".dcm" and wanted not in KINDS:
        return  # DICOM may have any name
    if not same_kind(kind, wanted) and wanted != suffix_of(source):
        raise UsageError(f"The result is of the same kind as the input; {kind} and {wanted} are two.")


def _belongs(file: Path) -> bool:
    """Return whether a file without a kind belongs to others: the voxels of a .mhd, or an index of DICOM files."""
    return is_dicomdir(file) or (suffix_of(file) in APART and file.with_suffix(".mhd").is_file())


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _sources(text: str) -> list[tuple[Path, Path]]:
    """Return each file of an input with its path relative to the output folder."""
    path = Path(text).expanduser()
    if path.is_dir():
        return [(file, file.relative_to(path)) for file in _files(path) if kind_of(file)]
    if path.is_file():
        if is_dicomdir(path):
            return [(file, file.relative_to(path.parent)) for file in referenced_files(path)]
        return [(path, Path(path.name))]
    if any(sign in text for sign in "*?["):
        files = sorted(Path(found) for found in glob.glob(str(path), recursive=True))
        return [(file, Path(file.name)) for file in files if file.is_file() and kind_of(file)]
    raise UsageError(f"The input {text} does not exist.")


def referenced_files(index: Path) -> Iterator[Path]:
    """Yield the images that a DICOMDIR lists.

    Raises
    ------
    ImageError
        If a listed file is not there, or not in the folder of the DICOMDIR.
    """
    import pydicom

    root = index.parent.resolve()
    for record in pydicom.dcmread(index).get("DirectoryRecordSequence") or []:
        parts = record.get("ReferencedFileID")
        if not parts or record.get("DirectoryRecordType") != "IMAGE":
            continue
        parts = [parts] if isinstance(parts, str) else list(parts)
        file = index.parent.joinpath(*parts) if all(FILE_ID.fullmatch(part) for part in parts) else index
        if file == index or not file.resolve().is_relative_to(root) or not file.is_file():
            raise ImageError(f"{index} lists {'/'.join(parts)[:80]!r}, which is not a file in its folder.")
        yield file


def _refuse(jobs: Sequence[Job], force: bool) -> None:
    inputs = {job.source.resolve() for job in jobs}
    inputs |= {file.resolve() for job in jobs for file in _apart(job.source)}
    seen: dict[Path, Path] = {}
    for job in jobs:
        for target in filter(None, (job.target, job.panel, *_apart(job.target))):
            place = target.resolve()
            if place in inputs:
                raise UsageError(f"The result {target} would replace an input; name another folder.")
            if place in seen:
                raise UsageError(f"{seen[place]} and {job.source} would both become {target}.")
            seen[place] = job.source
            if target.exists() and not force:
                raise UsageError(f"{target} exists; --force replaces it.")


def _apart(path: Path) -> list[Path]:
    """Return the files that hold the voxels of a .mhd."""
    return [path.with_suffix(suffix) for suffix in APART] if suffix_of(path) == ".mhd" else []
