"""Live progress of a training on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn

from usbench.cli.terminal import console

if TYPE_CHECKING:
    from usbench.training.contracts import Report


def tell(sentence: str) -> None:
    """Print a line to standard error, in one piece."""
    console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Print how long the block took, as `reading: 12.3 s`."""
    began = time.monotonic()
    yield
    tell(f"{name}: {time.monotonic() - began:.1f} s")


class TrainingProgress:
    """A bar with losses and the time left; plain lines without a terminal."""

    def __init__(self, name: str) -> None:
        self._console = console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[state]}", markup=False),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(f"training {name}", total=1.0, state="first steps")

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def report(self, report: "Report") -> None:
        """Show the progress of the training."""
        losses = ", ".join(f"{name} {value:.4f}" for name, value in report.losses.items())
        left = f"{report.left / 60:.0f} min left, data wait {report.data_wait:.1%}"
        self._bar.update(self._task, completed=report.progress, state=f"step {report.step}, {left}: {losses}")
        if self._bar.disable:
            line = f"step {report.step}, {report.elapsed / 60:.1f} min, {left}: {losses}"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
