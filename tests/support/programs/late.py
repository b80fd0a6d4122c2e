"""A method whose process ends some time after it returned."""

import os
import threading

import usbench


@usbench.numpy_method(title="Late", family="controls", licence="MIT")
def late(image, seconds: float = 0.3):
    threading.Timer(seconds, os._exit, (3,)).start()
    return image
