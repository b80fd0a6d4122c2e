"""A method that starts a process of its own, leaves it behind, and takes its time."""

import subprocess
import time

import usbench

SECONDS = "1"  # that the process sleeps


@usbench.numpy_method(title="Lingering", family="controls", licence="MIT")
def lingering(image):
    subprocess.Popen(["sleep", SECONDS], start_new_session=True)
    time.sleep(600)
    return image
