"""A method that ends badly on images of 24 x 24 pixels, or prints."""

import ctypes
import os
import signal
import time

from scipy.ndimage import uniform_filter

import usbench

HOW = "well"


@usbench.numpy_method(title="Fatal", family="test")
def fatal(image, size: int = 3):
    """A method that ends badly."""
    if HOW == "print":
        print("chatter")
    if image.shape == (24, 24):
        if HOW == "crash":
            ctypes.string_at(0)
        if HOW == "exit":
            os._exit(7)
        if HOW == "hang":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
            time.sleep(1e6)
    return uniform_filter(image, size)
