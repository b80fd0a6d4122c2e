"""Print a hash of what `gan-s` makes on argv[1] threads."""

import hashlib
import sys

import numpy as np
import torch

import usbench

torch.set_num_threads(int(sys.argv[1]))
clean = np.random.default_rng(0).random((12, 12)).repeat(8, 0).repeat(8, 1).astype(np.float32)
made = usbench.load_simulator("gan-s[drawings=3]").simulate(clean, np.random.default_rng(1))
assert made.reference is not None
print(hashlib.sha256(made.image.tobytes() + made.reference.tobytes()).hexdigest())
