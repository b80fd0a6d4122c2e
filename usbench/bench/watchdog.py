"""Watching worker processes from outside: images they finish, and methods that do not return."""

import os
import signal
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext

_MESSAGE = struct.Struct("<qd")  # process, seconds it is given from now; see the constants below
IMAGE_DONE = -1.0
RETURNED = 0.0
STOP = -2.0


class Reporter:
    """A worker's end: what it does now, through a bare pipe.

    A queue's lock would stay locked for ever if its holder were killed; messages this short are written whole.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def image_done(self) -> None:
        """Count one image."""
        self._send(IMAGE_DONE)

    def expect_return(self, seconds: float) -> None:
        """Have this process killed unless `returned` is called within `seconds`."""
        self._send(seconds)

    def returned(self) -> None:
        """Cancel `expect_return`."""
        self._send(RETURNED)

    def _send(self, seconds: float) -> None:
        self._pipe.send_bytes(_MESSAGE.pack(os.getpid(), seconds))


class Watchdog:
    """The parent's end: counts images, and kills a process whose native code runs past its time.

    Nothing inside a process can do that cheaply: its Python code does not run meanwhile, and arming the interpreter's
    own watchdog takes 0.4 ms an image.
    """

    def __init__(self, context: BaseContext, image_done: Callable[[], None]) -> None:
        self._reader, self._writer = context.Pipe(duplex=False)
        self.reporter = Reporter(self._writer)
        self._image_done = image_done
        self._deadlines: dict[int, float] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop once the messages of all workers, which have ended, are read.

        The end of the pipe is not waited for: a process that a method left behind may hold it open.
        """
        self._writer.send_bytes(_MESSAGE.pack(os.getpid(), STOP))
        self._thread.join()
        self._writer.close()
        self._reader.close()

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                if not self._reader.poll(self._patience()):
                    self._kill_overdue()
                    continue
                process, seconds = _MESSAGE.unpack(self._reader.recv_bytes())
                if seconds == STOP:
                    return
                self._handle(process, seconds)

    def _patience(self) -> float | None:
        return max(0.0, min(self._deadlines.values()) - time.monotonic()) if self._deadlines else None

    def _handle(self, process: int, seconds: float) -> None:
        if seconds == IMAGE_DONE:
            self._image_done()
        elif seconds == RETURNED:
            self._deadlines.pop(process, None)
        else:
            self._deadlines[process] = time.monotonic() + seconds

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for process in [process for process, deadline in self._deadlines.items() if deadline <= now]:
            del self._deadlines[process]
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
