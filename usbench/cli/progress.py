"""Live progress of a run on standard error."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from usbench.bench.plan import Unit
from usbench.bench.worker import Outcome
from usbench.cli.terminal import console

LINE_SECONDS = 30.0  # between lines where there is no terminal
ENOUGH = 0.05  # of the work: before that a time left would be a guess
TIMING_SECONDS = 5.0  # of a method, until some have been timed


class LiveProgress:
    """One bar for images and timings, with the time left; a line every 30 seconds without a terminal."""

    def __init__(self) -> None:
        self._console = console(stderr=True)
        self._bar = Progress(
            BarColumn(bar_width=24, table_column=Column(min_width=4, ratio=1)),
            TextColumn("{task.fields[state]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, state="starting workers")
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._lines = threading.Thread(target=self._print_lines, daemon=True)
        self._running: dict[str, str] = {}
        self._images = self._timings = 0  # to do
        self._done = self._timed = 0
        self._started = self._timing_started = time.monotonic()

    def __enter__(self) -> "LiveProgress":
        self._bar.start()
        if self._bar.disable:
            self._lines.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._stop.set()
        if error is None:
            with self._lock:
                self._done, self._timed, self._running = self._images, self._timings, {}
                self._show(left=False)
        self._bar.stop()

    def planned(self, units: int, images: int, missing_units: int, missing_images: int, untimed: int) -> None:
        """Report what is in the store already, and start the bar."""
        if missing_units < units:
            sentence = f"{images - missing_images} of {images} images are in the store already."
            self._console.print(sentence, highlight=False)
        with self._lock:
            self._images, self._timings = missing_images, untimed
            self._started = self._timing_started = time.monotonic()
            self._show()

    def set_aside(self, damaged: Sequence[Path]) -> None:
        """Report damaged files of the store."""
        others = f" and {len(damaged) - 1} more" if damaged[1:] else ""
        line = f"Damaged and computed again: {damaged[0].name}{others}, now in {damaged[0].parent}."
        self._console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    def started(self, unit: Unit) -> None:
        """Show the unit as running."""
        with self._lock:
            self._running[unit.key] = f"{unit.about['method']} on {unit.about['dataset']}"
            self._show()

    def image_done(self) -> None:
        """Count one image."""
        with self._lock:
            self._done += 1
            self._show()

    def finished(self, unit: Unit, outcome: Outcome) -> None:
        """Remove the unit from the display, and report failures at once."""
        with self._lock:
            self._running.pop(unit.key, None)
            self._show()
            if outcome.failed:
                where = f"{unit.about['method']} on {unit.about['dataset']}"
                line = f"{where}: {outcome.failed} of {outcome.samples} images failed. {outcome.reason}"
                self._console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    def note(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def timing(self, method: str, done: int, total: int) -> None:
        """Show which method is being timed; `done` of `total` have been."""
        with self._lock:
            if not done:
                self._timing_started = time.monotonic()
            self._done, self._timings, self._timed = self._images, total, done
            self._running = {"": f"timing {method}"}
            self._show()

    def state(self, *, left: bool = True) -> str:
        """Return what is done of images and timings, and the time left once it can be told."""
        counts = [f"{self._done} of {self._images} images"] * bool(self._images)
        counts += [f"{self._timed} of {self._timings} timed"] * bool(self._timings)
        seconds = self.seconds_left() if left else None
        return ", ".join([*counts, *([] if seconds is None else [f"{duration(seconds)} left"])])

    def seconds_left(self) -> float | None:
        """Return the seconds left; None before 5 % are done."""
        now, to_do = time.monotonic(), self._images + self._timings
        if not to_do or (self._done + self._timed) / to_do < ENOUGH:
            return None
        each = (now - self._timing_started) / self._timed if self._timed else TIMING_SECONDS
        timings = each * (self._timings - self._timed)
        if self._done >= self._images:
            return timings
        return (self._images - self._done) * (now - self._started) / self._done + timings

    def _show(self, *, left: bool = True) -> None:
        names = list(dict.fromkeys(self._running.values()))
        more = f" (+{len(names) - 1})" if len(names) > 1 else ""
        done, to_do = self._done + self._timed, self._images + self._timings
        text = names[0] + more if names else ""
        self._bar.update(self._task, completed=done, total=to_do or None, description=text, state=self.state(left=left))

    def _print_lines(self) -> None:
        while not self._stop.wait(LINE_SECONDS):
            with self._lock:
                running = ", ".join(dict.fromkeys(self._running.values()))
                line = ": ".join(filter(None, (self.state() or "starting workers", running)))
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def duration(seconds: float) -> str:
    """Return `40 s`, `12 min` or `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
