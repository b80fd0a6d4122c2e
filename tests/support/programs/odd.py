"""A method that tells who was given an image, and misbehaves."""

import os
import signal
import time

import usbench

if os.environ["WORKER"] in os.environ.get("LACKS_LIBRARY", ""):
    raise ImportError("libspeckle is missing")


@usbench.numpy_method
def odd(image, how: str = "copy", seconds: float = 0.0, tag: int = 0):
    """Tells who was given an image, and misbehaves."""
    with open(os.path.join(os.path.dirname(__file__), "log"), "a") as log:
        log.write(f"{os.environ['WORKER']}\n")
    time.sleep(float(os.environ.get("SLOWED", seconds)))
    if how == "crash":
        os._exit(3)
    if how == "stubborn":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(1e6)
    if how == "kill the worker":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1e6)
    return image
