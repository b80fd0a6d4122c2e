"""A method with a card and a parameter."""

import usbench


@usbench.numpy_method(title="Mine", family="smoothing", licence="MIT")
def mine(image, size: int = 5):
    return image
