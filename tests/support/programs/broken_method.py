"""A sound method; tests write something else for its line `return mean(image)`, and use what is imported."""
# ruff: noqa: F401

import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from types import FrameType

import numpy as np
import torch
from scipy import ndimage

import usbench


@dataclass(frozen=True)
class Broken(usbench.Method):
    """A method that is broken on purpose."""

    card = usbench.MethodCard(title="Broken", family="test")

    def despeckle(self, image):
        return mean(image)


def mean(image):
    return torch.nn.functional.avg_pool2d(torch.nn.functional.pad(image, (1, 1, 1, 1), "replicate"), 3, 1)


def everything_held_by_callers(kind):
    frame: FrameType | None = sys._getframe(1)
    while frame and (frame := frame.f_back):
        for value in list(frame.f_locals.values()):
            if isinstance(value, kind):
                yield value
