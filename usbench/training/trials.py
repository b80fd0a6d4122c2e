"""Search for the best training options by short trainings, judged on validation pairs."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from usbench.core.errors import UsageError
from usbench.io.atomic_write import write_whole

from .contracts import Hardware, Pairs, Recipe, Report, Schedule, Task
from .loop import fit

JUDGED_PAIRS = 32
Options = Mapping[str, str]


def grid(tried: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Return every combination of the values of each option."""
    return [dict(zip(tried, values, strict=True)) for values in itertools.product(*tried.values())]


def try_out(
    make: Callable[[Options], Recipe],
    candidates: Sequence[Options],
    schedule: Schedule,
    folder: Path,
    hardware: Hardware | None = None,
    report: Callable[[Report], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Train once with each candidate's options, and return the options with the `psnr` (dB) of each, in order.

    A trial is a complete training whose learning rate falls to 0 at its end. Results are kept in `folder/trials.json`,
    so a stopped search resumes.

    Parameters
    ----------
    make
        Returns the recipe for a candidate's options.
    candidates
        The options to try.
    schedule
        Of every trial.
    folder
        Of the search.
    """
    record = folder / "trials.json"
    folder.mkdir(parents=True, exist_ok=True)
    known = _read(record)
    for number, options in enumerate(candidates):
        key = _key(options, schedule)
        if key not in known:
            recipe = make(options)
            unbounded = replace(schedule, seconds=None, core_seconds=None)
            fit(recipe, unbounded, folder / f"trial-{number}", hardware, report)
            known[key] = round(validation_psnr(recipe.task, recipe.samples), 3)
            write_whole(record, (json.dumps(known, indent=1) + "\n").encode())
    return [{**options, "psnr": known[_key(options, schedule)]} for options in candidates]


def best(trials: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the options of the trial with the highest `psnr`, the first of equals.

    Raises
    ------
    UsageError
        If no trial has a finite PSNR.
    """
    finite = [trial for trial in trials if np.isfinite(trial["psnr"])]
    if not finite:
        raise UsageError("No trial ended with a finite PSNR; try smaller learning rates.")
    chosen = max(finite, key=lambda trial: trial["psnr"])
    return {option: value for option, value in chosen.items() if option != "psnr"}


def validation_psnr(task: Task, samples: Pairs) -> float:
    """Return the mean PSNR (dB) over held-out pairs (speckled, clean)."""
    found = []
    for number in range(JUDGED_PAIRS):
        source, target = samples(number)
        made = task.estimate(torch.from_numpy(source)[None, None])[0, 0].numpy()
        found.append(-10 * np.log10(np.mean((made - target) ** 2)))
    return float(np.mean(found))


def _key(options: Options, schedule: Schedule) -> str:
    return json.dumps({**options, "steps": schedule.steps, "batch": schedule.batch}, sort_keys=True)


def _read(record: Path) -> dict[str, float]:
    try:
        return json.loads(record.read_text()) if record.is_file() else {}
    except ValueError:
        raise UsageError(f"The record of trials {record} is damaged; delete it to try again.") from None
