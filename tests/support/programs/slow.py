"""A method that takes a given time."""

import time

import usbench


@usbench.numpy_method
def slow(image, seconds: float = 0.05):
    time.sleep(seconds)
    return image
