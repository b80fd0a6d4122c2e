"""A method that takes as long as it is told."""

import time

import usbench


@usbench.numpy_method
def slow(image, seconds: float = 0.05):
    time.sleep(seconds)
    return image
