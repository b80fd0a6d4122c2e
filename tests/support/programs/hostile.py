"""A method that does its worst."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import torch

import usbench

MARK = "864213.25"  # seconds that a process sleeps which is left behind


class Unspeakable(Exception):
    def __str__(self):
        raise SystemExit(0)


class Unsendable(Exception):
    def __init__(self, one, two):
        super().__init__("unsendable")


class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs):
        raise RuntimeError("not to be looked at")


def sleep_natively():
    ctypes.CDLL(None).pause()


def daemonise():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", MARK])
        os._exit(0)


@dataclass(frozen=True)
class Hostile(usbench.Method):
    """Does what its parameter says."""

    name = "hostile"
    card = usbench.MethodCard(title="Hostile", family="controls", licence="MIT")
    how: str = "well"

    def prepare(self, device="cpu"):
        if self.how == "prepare exits":
            sys.exit(0)
        if self.how == "prepare hangs":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
            sleep_natively()

    def despeckle(self, image):
        how = self.how
        if how in ACTIONS:
            return ACTIONS[how](image)
        return image.clone()


def raising(error):
    def act(image):
        raise error

    return act


def stubborn(image):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def stopped(image):
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(1e6)


def forks(image):
    os.fork()
    return image.clone()


def leaves_a_child(image):
    subprocess.Popen(["sleep", MARK])
    return image.clone()


def leaves_a_daemon(image):
    daemonise()
    return image.clone()


def keeps_a_thread(image):
    import threading

    threading.Thread(target=time.sleep, args=(1e6,)).start()
    return image.clone()


ACTIONS = {
    "exit 0": lambda image: sys.exit(0),
    "os exit 0": lambda image: os._exit(0),
    "interrupt": raising(KeyboardInterrupt()),
    "base": raising(BaseException("base")),
    "generator": raising(GeneratorExit()),
    "stop": raising(StopIteration()),
    "unspeakable": raising(Unspeakable()),
    "unsendable": raising(Unsendable(1, 2)),
    "escape": raising(ValueError("\x1b[2J|red\nsecond line")),
    "meta": lambda image: image.to("meta"),
    "sparse": lambda image: image.to_sparse(),
    "quantised": lambda image: torch.quantize_per_tensor(image, 1 / 255, 0, torch.quint8),
    "complex": lambda image: image.to(torch.complex64),
    "gradient": lambda image: image.clone().requires_grad_(True) * 1,
    "nested": lambda image: torch.nested.nested_tensor([image[0]]),
    "odd": lambda image: image.as_subclass(Odd),
    "stubborn": stubborn,
    "stopped": stopped,
    "forks": forks,
    "leaves a child": leaves_a_child,
    "leaves a daemon": leaves_a_daemon,
    "keeps a thread": keeps_a_thread,
}
