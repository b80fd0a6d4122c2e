"""A pool of no processes, for tests in which what a process adds is not the point: one takes seconds to start."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from usbench.bench import render, run
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


@contextmanager
def units_here() -> Iterator[None]:
    """Run the units of the block in this process; a method that ends its process would end the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (run, render):
            patch.setattr(module, "worker_pool", pool_here)
        yield
