"""Watching worker processes from outside: images they finish, and methods that do not return."""

import math
import os
import signal
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext

MARK = "USBENCH_WORKERS"  # environment variable of workers, and of whatever they start
_MESSAGE = struct.Struct("<qdq")  # process, seconds it is given from now (see the constants below), number of a task
IMAGE_DONE = -1.0
RETURNED = 0.0
STOP = -2.0
BEGUN, ENDED = -3.0, -4.0  # of a task
LOOK_SECONDS = 1.0  # between looks at whether processes with a task are alive
LOOKS = 3  # in a row in which a process is gone: its pool is the first to see that, unless its exit code was 0


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

    def begun(self, task: int) -> None:
        """This process works on a task."""
        self._send(BEGUN, task)

    def ended(self, task: int) -> None:
        """It does not any more."""
        self._send(ENDED, task)

    def _send(self, seconds: float, task: int = 0) -> None:
        self._pipe.send_bytes(_MESSAGE.pack(os.getpid(), seconds, task))


class Watchdog:
    """The parent's end: counts images, kills a process whose native code runs past its time, and sees which are gone.

    Nothing inside a process can do that cheaply: its Python code does not run meanwhile, and arming the interpreter's
    own watchdog takes 0.4 ms an image.

    Parameters
    ----------
    context
        Of the processes.
    image_done
        Called when a worker has finished an image.
    lost
        Called with the number of a task whose process is gone.
    looking
        Called once a second.
    """

    def __init__(
        self,
        context: BaseContext,
        image_done: Callable[[], None],
        lost: Callable[[int], None],
        looking: Callable[[], None] = lambda: None,
    ) -> None:
        self._reader, self._writer = context.Pipe(duplex=False)
        self.reporter = Reporter(self._writer)
        self._image_done, self._lost, self._looking = image_done, lost, looking
        self._deadlines: dict[int, float] = {}
        self._tasks: dict[int, int] = {}  # by process
        self._gone: Counter[int] = Counter()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop once the messages of all workers, which have ended, are read.

        The end of the pipe is not waited for: a process that a method left behind may hold it open.
        """
        self._writer.send_bytes(_MESSAGE.pack(os.getpid(), STOP, 0))
        self._thread.join()
        self._writer.close()
        self._reader.close()

    def _listen(self) -> None:
        looked = time.monotonic()
        with suppress(EOFError, OSError):
            while True:
                if self._reader.poll(self._patience()):
                    process, seconds, task = _MESSAGE.unpack(self._reader.recv_bytes())
                    if seconds == STOP:
                        return
                    self._handle(process, seconds, task)
                self._kill_overdue()
                if time.monotonic() > looked + LOOK_SECONDS:
                    looked = time.monotonic()
                    self._look()
                    with suppress(Exception):
                        self._looking()

    def _patience(self) -> float:
        until = min(self._deadlines.values(), default=math.inf) - time.monotonic()
        return max(0.0, min(until, LOOK_SECONDS))

    def _handle(self, process: int, seconds: float, task: int) -> None:
        if seconds == IMAGE_DONE:
            with suppress(Exception):  # watching goes on: workers block once nobody reads the pipe
                self._image_done()
        elif seconds == RETURNED:
            self._deadlines.pop(process, None)
        elif seconds == BEGUN:
            self._tasks[process] = task
        elif seconds == ENDED:
            self._tasks.pop(process, None)
            self._gone.pop(process, None)
        else:
            self._deadlines[process] = time.monotonic() + seconds

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for process in [process for process, deadline in self._deadlines.items() if deadline <= now]:
            del self._deadlines[process]
            end_group(process)

    def _look(self) -> None:
        """Report tasks whose process is gone: one that ends with exit code 0 is missed by nobody else."""
        import psutil

        for process in list(self._tasks):
            self._gone[process] += not psutil.pid_exists(process)
            if self._gone[process] >= LOOKS:
                self._deadlines.pop(process, None)
                self._gone.pop(process)
                self._lost(self._tasks.pop(process))


def end_group(process: int) -> None:
    """Kill a worker and what it has started in its process group, of which it is the leader."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process, signal.SIGKILL)
        else:
            os.kill(process, signal.SIGTERM)


def end_marked(mark: str) -> None:
    """Kill every process of this user whose environment has the mark: what workers started and left behind."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                process.kill()
