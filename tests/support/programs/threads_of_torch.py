"""Print the number of torch's threads after numba has started its own."""

import torch

import usbench

method = usbench.load_method("lee")
method.prepare("cpu")
method.despeckle(torch.rand(1, 1, 256, 256))
print(torch.get_num_threads())
