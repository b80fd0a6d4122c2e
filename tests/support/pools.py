"""A pool of no processes, for tests in which what a process adds is not the point: one takes seconds to start."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from usbench.bench.worker import run_task


class Here:
    """Takes tasks as `usbench.bench.pool.Pool` does, and runs each at once in this process."""

    def schedule(self, function: Callable, *args, timeout: float | None = None) -> Future:
        future: Future = Future()
        try:
            future.set_result(run_task(0, False, function, *args))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def pool_here(*_, **__) -> Iterator[Here]:
    yield Here()
