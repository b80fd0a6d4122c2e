"""A filter that fails, exits, hangs, or starts others at images of some brightness; a soak draws its constants."""

import os
import subprocess
import sys
import time

import numpy as np

import usbench

TITLE = "Random filter"
SIZE = 0
WEIGHT = 0.5
LEFT = "1"  # seconds that a process sleeps which is left behind
SHADES = 7
REFUSED = 0
FATAL = 1
VANISHING = 2
EXITING = 3
HANGING = 4
FORKING = 5
LEAVING = 6


def act(shade: int) -> None:
    if shade == REFUSED:
        raise ValueError("this image is refused")
    if shade == FATAL:
        os._exit(3)
    if shade == VANISHING:
        os._exit(0)
    if shade == EXITING:
        sys.exit(0)
    if shade == HANGING:
        time.sleep(1e6)
    if shade == FORKING:
        os.fork()  # the child goes on as if it were the worker
    if shade == LEAVING:
        subprocess.Popen(["sleep", LEFT], start_new_session=True)


@usbench.numpy_method(title=TITLE, family="controls", licence="MIT")
def random_filter(image, size: int = SIZE):
    """Mixes the image with a shifted one."""
    act(int(1e4 * float(image.mean())) % SHADES)
    return WEIGHT * image + (1 - WEIGHT) * np.roll(image, size % 3, axis=0)
