"""A method that misbehaves in a given way."""

import os
import time

import numpy as np

import usbench


@usbench.numpy_method
def unruly(image, how: str = "raise", where: float = 0.0):
    """Misbehaves on images whose first pixel is brighter than `where`."""
    if image[0, 0] < where:
        return image
    if how == "raise":
        raise ValueError("no can do")
    if how == "hang":
        while True:
            time.sleep(0.01)
    if how == "nan":
        return np.full_like(image, np.nan)
    if how == "shape":
        return image[:-1]
    if how == "nothing":
        return None
    if how == "crash":
        os._exit(3)
    if how == "stubborn":
        import signal

        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(1e6)
    return image
