"""Live progress of a run on standard error."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from usbench.bench.plan import Unit
from usbench.bench.worker import Outcome
from usbench.cli.terminal import console

PLAIN_SECONDS = 5.0


class LiveProgress:
    """Shows running units, images done, images per second and the time left; plain lines without a terminal."""

    def __init__(self) -> None:
        self._console = console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("images, {task.fields[rate]} images/s,"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("starting workers", total=None, rate="–")
        self._lock = threading.Lock()
        self._running: dict[str, str] = {}
        self._done = self._total = 0
        self._started = self._last_line = time.monotonic()

    def __enter__(self) -> "LiveProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def planned(self, units: int, images: int, missing_units: int, missing_images: int) -> None:
        """Report what is in the store already, and start the bar."""
        if missing_units < units:
            self._console.print(
                f"{images - missing_images} of {images} images are in the store already.", highlight=False
            )
        self._total = missing_images
        self._started = time.monotonic()
        self._bar.update(self._task, total=missing_images)

    def set_aside(self, damaged: Sequence[Path]) -> None:
        """Report damaged files of the store."""
        others = f" and {len(damaged) - 1} more" if damaged[1:] else ""
        line = f"Damaged and computed again: {damaged[0].name}{others}, now in {damaged[0].parent}."
        self._console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    def started(self, unit: Unit) -> None:
        """Show the unit as running."""
        with self._lock:
            self._running[unit.key] = f"{unit.about['method']} on {unit.about['dataset']}"
            self._describe()

    def image_done(self) -> None:
        """Count one image."""
        with self._lock:
            self._done += 1
            seconds = time.monotonic() - self._started
            rate = f"{self._done / seconds:.3g}" if seconds > 0 else "–"
            self._bar.update(self._task, completed=self._done, rate=rate)
            if self._bar.disable and time.monotonic() - self._last_line > PLAIN_SECONDS:
                self._last_line = time.monotonic()
                left = (self._total - self._done) * seconds / self._done
                running = ", ".join(dict.fromkeys(self._running.values()))
                line = f"{self._done} of {self._total} images, {rate} images/s, {left:.0f} s left: {running}"
                self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def finished(self, unit: Unit, outcome: Outcome) -> None:
        """Remove the unit from the display, and report failures at once."""
        with self._lock:
            self._running.pop(unit.key, None)
            self._describe()
            if outcome.failed:
                where = f"{unit.about['method']} on {unit.about['dataset']}"
                line = f"{where}: {outcome.failed} of {outcome.samples} images failed. {outcome.reason}"
                self._console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    def note(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def timing(self, method: str, done: int, total: int) -> None:
        """Show which method is being timed."""
        text = f"timing {method} ({done + 1} of {total})"
        self._bar.update(self._task, description=text)
        if self._bar.disable and time.monotonic() - self._last_line > PLAIN_SECONDS:
            self._last_line = time.monotonic()
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _describe(self) -> None:
        if self._running:
            names = list(dict.fromkeys(self._running.values()))
            more = f" (+{len(names) - 1})" if len(names) > 1 else ""
            self._bar.update(self._task, description=names[0] + more)
