"""What commands print. Control characters of names, reasons and metadata are escaped before a terminal shows them."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from usbench.core.untrusted import printable

LAYOUT = "\n\t"


class ReaderGone(Exception):
    """The program that read what a command prints, such as `head`, has ended."""


class PrintableStream:
    """A text stream that escapes control characters; whatever else it is asked for is the stream's."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text with its control characters escaped."""
        try:
            self.stream.write(printable(text, keep=LAYOUT))
        except BrokenPipeError:  # typer would end the process as a plugin might
            raise ReaderGone from None
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        try:
            self.stream.flush()
        except BrokenPipeError:
            raise ReaderGone from None

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class TextConsole(Console):
    """A console of rich whose own codes reach the terminal, and none that are in what it shows."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield segments with their text escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text, keep=LAYOUT))

    def on_broken_pipe(self) -> None:
        """Leave a pipe that its reader has closed to the command line, which ends in silence."""
        raise ReaderGone


def console(*, stderr: bool = False, **options: Any) -> Console:
    """Return a console for standard output or standard error."""
    stream: Any = sys.stderr if stderr else sys.stdout
    return TextConsole(file=stream.stream if isinstance(stream, PrintableStream) else stream, **options)


@contextmanager
def printable_output() -> Iterator[None]:
    """Escape control characters in whatever is printed in the block."""
    streams: dict[str, Any] = {name: PrintableStream(getattr(sys, name)) for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        setattr(sys, name, stream)
    try:
        yield
    finally:
        for name, stream in streams.items():
            if getattr(sys, name) is stream:
                setattr(sys, name, stream.stream)
