"""The processes of a pool, which end before the pool takes away what they share."""

from multiprocessing.context import SpawnContext
from typing import Any
from weakref import WeakSet

TERM_SECONDS = 3.0  # a process that has not ended by then is killed


class TrackedSpawn(SpawnContext):
    """Starts processes afresh, and knows those that it started.

    pebble removes the locks of a pool before it ends the processes. A process that is starting then does not find them,
    and Python prints a traceback, although nobody has done anything wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self._started: WeakSet[Any] = WeakSet()

    def Process(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        """Return a process that is not running yet."""
        process = SpawnContext.Process(*args, **options)
        self._started.add(process)
        return process

    def end_processes(self) -> None:
        """End all processes, by force if need be."""
        running = [process for process in self._started if process.is_alive()]
        for process in running:
            process.terminate()
        for process in running:
            process.join(TERM_SECONDS)
            process.kill()
            process.join()
