"""Print how many page faults an image of `lee` costs once memory that was freed is kept."""

import resource

import numpy as np
from usbench.methods.classical.lee import Lee

from usbench.runtime.malloc import keep_freed_memory

keep_freed_memory()
method = Lee()
method.prepare("cpu")
image = np.random.default_rng(0).random((1024, 1024), dtype=np.float32)
for _ in range(3):
    method.despeckle_plane(image)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    method.despeckle_plane(image)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10)
