"""A method that does nothing."""

import usbench


@usbench.numpy_method
def nothing(image):
    return image + 0
