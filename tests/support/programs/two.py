"""Two methods."""

import usbench


@usbench.numpy_method
def one(image):
    return image


@usbench.numpy_method
def other(image):
    return image
