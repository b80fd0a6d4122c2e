"""What a training has taken."""

import multiprocessing
import time

from processes import busy_for

from usbench.training.clock import Clock

WORK = 0.3  # seconds of a core


def test_the_work_of_loaders_counts_and_waiting_does_not():
    context = multiprocessing.get_context("spawn")
    done, leave = context.Event(), context.Event()
    clock = Clock(100.0, 50.0, on_gpu=False)
    loader = context.Process(target=busy_for, args=(WORK, done, leave))
    loader.start()
    assert done.wait(300)
    running = clock.core_seconds()
    assert running >= 50 + WORK - 0.05  # the kernel counts in hundredths
    leave.set()
    loader.join()
    ended = clock.core_seconds()
    assert ended >= running
    time.sleep(0.5)
    assert clock.core_seconds() - ended < 0.25
    assert clock.elapsed() > 100.5


def test_on_a_gpu_its_time_counts():
    clock = Clock(0.0, 50.0, on_gpu=True)
    time.sleep(0.2)
    assert clock.core_seconds() > 50.15
