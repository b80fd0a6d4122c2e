"""A method that loses a row."""

import usbench


@usbench.numpy_method
def crop(image):
    return image[1:]
