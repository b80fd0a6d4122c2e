"""A method whose child outlives it."""

import os
import time

import usbench

CODE = 0


@usbench.numpy_method(title="Clinging", family="controls", licence="MIT")
def clinging(image):
    if os.fork() == 0:
        os.setsid()
        time.sleep(1e6)
    os._exit(CODE)
