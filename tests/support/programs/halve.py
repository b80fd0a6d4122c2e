"""A method with a parameter."""

import usbench


@usbench.numpy_method
def halve(image, by: float = 2.0):
    return image / by
