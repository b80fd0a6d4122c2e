"""A method that leaves a mark when it is imported."""

import pathlib

import usbench

MARK = "ran"
pathlib.Path(MARK).touch()


@usbench.numpy_method
def evil(image):
    return image / 2
