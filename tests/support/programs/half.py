"""A method that halves the image."""

import usbench


@usbench.numpy_method(title="Half")
def half(image):
    return image * 0.5
