"""A method that raises."""

import usbench

SENTENCE = "out of paint"


@usbench.numpy_method
def bad(image):
    raise ValueError(SENTENCE)
