"""The parent's end of the pipe through which workers report."""

import multiprocessing

import pytest

from usbench.bench.watchdog import Watchdog


@pytest.mark.parametrize("error", [BrokenPipeError, EOFError, ValueError])
def test_callbacks_that_raise_do_not_end_the_watching(error):
    """Workers block once nobody reads the pipe: the run would hang when its progress can no longer be printed."""
    counted = []

    def image_done():
        counted.append(1)
        raise error

    watchdog = Watchdog(multiprocessing.get_context("spawn"), image_done, lambda _: None)
    for _ in range(3):
        watchdog.reporter.image_done()
    watchdog.close()
    assert len(counted) == 3
