"""Instance norm is that of PyTorch."""

import torch
from torch import nn
from usbench.methods.deep.networks.instance_norm import InstanceNorm


def test_instance_norm_is_pytorchs():
    features = torch.rand(3, 4, 9, 7, dtype=torch.float64) * 5 + 2
    assert torch.allclose(InstanceNorm()(features), nn.InstanceNorm2d(4)(features))
