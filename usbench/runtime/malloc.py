"""What becomes of the memory that arrays leave: kept for the next ones, or given back to the system.

glibc gives large freed blocks back at once, and the next image's arrays are then cleared by the kernel page by page.
Filters and networks make the same arrays for each image, and for the fast ones that takes longer than the filtering
does: a Lee filter of 512 x 512 pixels takes five times as long.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache

MIB = 2**20
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # as glibc's malloc.h numbers what `mallopt` sets
KEPT = 256 * MIB  # free memory above this still goes back
LARGEST = 32 * MIB  # blocks above this are mapped one by one as ever: the most that glibc allows


@cache
def keep_freed_memory() -> bool:
    """Have this process keep up to 256 MiB of freed memory for its next arrays.

    Returns
    -------
    bool
        Whether it does. Not where another C library than glibc serves, or where the user has set malloc's
        thresholds in the environment (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_).

    References
    ----------
    The GNU C Library Reference Manual, "Malloc Tunable Parameters".
    """
    if any(name in os.environ for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")):
        return False
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(MMAP_THRESHOLD, LARGEST)) and bool(mallopt(TRIM_THRESHOLD, KEPT))


def give_back_freed_memory() -> None:
    """Give the memory that is free now to the system; nothing where another C library than glibc serves."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))


def _of_glibc(name: str) -> "Callable[..., int] | None":
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
