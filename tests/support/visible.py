"""What a process of a pool sees; in a module of its own, so that such a process can import it."""

import os
import time


def visible_gpus() -> str:
    """Return the GPUs that are visible here, slowly, so that another process has to take the next call."""
    time.sleep(0.5)
    return os.environ.get("CUDA_VISIBLE_DEVICES", "")
