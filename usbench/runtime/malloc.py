"""Keep freed memory in the process for the next arrays, or return it to the system.

glibc returns large freed blocks at once, and the kernel then clears the next image's arrays page by page. Filters and
networks make the same arrays for each image, and for fast filters the clearing takes longer than the filtering: a Lee
filter of 512 x 512 pixels takes five times as long.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache

MIB = 2**20
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # parameters of `mallopt` in glibc's malloc.h
KEPT = 256 * MIB  # free memory above this is returned
LARGEST = 32 * MIB  # larger blocks are mapped one by one; the maximum that glibc allows


@cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 256 MiB of freed memory for its next arrays.

    Returns
    -------
    bool
        Whether it does: not with a C library other than glibc, or if the user set malloc's thresholds in the
        environment (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_).

    References
    ----------
    The GNU C Library Reference Manual, "Malloc Tunable Parameters".
    """
    if any(name in os.environ for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")):
        return False
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(MMAP_THRESHOLD, LARGEST)) and bool(mallopt(TRIM_THRESHOLD, KEPT))


def give_back_freed_memory() -> None:
    """Return the free memory of this process to the system; with a C library other than glibc, do nothing."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))


def _of_glibc(name: str) -> "Callable[..., int] | None":
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
