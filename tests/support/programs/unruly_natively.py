"""A method that crashes, leaks or hangs."""

import ctypes
import signal
import time

import numpy as np

import usbench

hoard: list[np.ndarray] = []


@usbench.numpy_method(title="Unruly", family="controls", licence="MIT")
def unruly(image, how: str = "well"):
    if how == "segfault":
        ctypes.string_at(0)
    if how == "leak":
        hoard.append(np.empty(2**27))  # 1 GiB an image, asked for and never touched
    if how == "hang":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(1e6)
    return image
