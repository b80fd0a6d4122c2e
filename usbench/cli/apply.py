"""`usbench apply`: despeckle your own files."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from usbench.cli.catalogue import JsonOption
from usbench.cli.options import MOST_PROCESSES, finite
from usbench.cli.terminal import console

SHOWN = 5  # names in a sentence
FILES_A_PROCESS = 8  # starting a process takes as long as some files


def apply(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders or globs: pictures, DICOM, volumes, cines.")],
    method: Annotated[str, typer.Option("--method", "-m", help="Name, name[parameter=value], or ./file.py.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A file for one input, else a folder.")],
    force: Annotated[bool, typer.Option("--force", help="Replace existing results.")] = False,
    panel: Annotated[bool, typer.Option("--panel", help="Also write NAME-panel.png with input and result.")] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "cpu",
    dynamic_range: Annotated[
        float,
        typer.Option(
            min=1, max=200, callback=finite, help="Of the scanner in dB, for methods that work on the envelope."
        ),
    ] = 60.0,
    whole: Annotated[
        bool, typer.Option("--whole", help="Despeckle everything, also text, scales and what is outside the scan.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_PROCESSES, help="Files at a time. Default: one per core, fewer for few files."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Despeckle files; each result is of the same kind, with geometry, metadata and bit depth kept.

    Only the scan is despeckled: the B-mode regions of a DICOM header, else the sector or rectangle that is found.
    """
    from rich.progress import Progress

    from usbench.apply.plan import left_out, make_jobs
    from usbench.apply.run import apply_all, identifying_data
    from usbench.evaluation.limits import cores

    jobs = make_jobs(inputs, out, force=force, panel=panel)
    for source, what in identifying_data(jobs).items():
        print(f"Warning: {source} identifies a person ({', '.join(what)}); so does the result.", file=sys.stderr)
    unknown = left_out(inputs)
    if unknown:
        print(f"Left out, of no known kind: {_some([str(path) for path in unknown])}.", file=sys.stderr)
    notes: dict[str, list[str]] = {}
    screen = console(stderr=True)
    with Progress(console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task("despeckling", total=len(jobs))
        failed = apply_all(
            method,
            jobs,
            device=device,
            dynamic_range_db=dynamic_range,
            workers=workers or (min(cores(), 1 + len(jobs) // FILES_A_PROCESS) if device == "cpu" else 1),
            whole=whole,
            done=lambda _: bar.advance(task),
            note=lambda job, sentence: notes.setdefault(sentence, []).append(str(job.source)),
        )
    for sentence, files in notes.items():
        print(f"{_some(files)}: {sentence}.", file=sys.stderr)
    for reason in failed.values():
        print(reason, file=sys.stderr)
    written = [str(job.target) for job in jobs if job not in failed]
    if as_json:
        about = {"written": written, "failed": [str(job.source) for job in failed]}
        print(json.dumps(about | {"left_out": [str(path) for path in unknown], "notes": notes}))
    else:
        print(f"Wrote {len(written)} of {len(jobs)} files{f', the first {written[0]}' if written else ''}.")
    return 1 if failed else 0


def _some(names: list[str]) -> str:
    """Return a few of many names, and how many there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
