"""Print the peak of an array's memory, in MiB, where freed memory is kept."""

import numpy as np

from usbench.bench.peak_memory import PeakMemory
from usbench.runtime.malloc import keep_freed_memory

assert keep_freed_memory()
for _ in range(3):
    np.ones(3_000_000)  # 23 MiB, kept when it is left
with PeakMemory("cpu") as memory:
    np.ones(3_000_000)
assert memory.mib is not None
print(int(memory.mib))
