"""A method that raises what is dark and despeckles nothing."""

import usbench


@usbench.numpy_method
def brighter(image):
    return (0.25 + 0.75 * image).astype("f4")
