"""Hidden blocks cover a quarter, and no hidden pixel reaches its own prediction."""

import pytest
import torch
from usbench.methods.deep.networks.inpainting import InpaintingUnet, hidden_blocks


@pytest.mark.parametrize("shape", [(64, 64), (50, 23), (5, 9)])
def test_a_quarter_is_hidden_in_blocks_and_no_hidden_pixel_reaches_its_own_prediction(shape):
    hidden = [hidden_blocks(*shape, 6, top, left) for top in (1, 7) for left in (3, 9)]
    assert torch.stack(hidden).sum(0).eq(1).all()  # four such masks hide every pixel once
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = InpaintingUnet(2)
    network.block = 6
    image = torch.rand(1, 1, *shape, generator=torch.Generator().manual_seed(0), requires_grad=True)
    made = network(image)
    assert made.shape == image.shape
    row, column = shape[0] // 2, shape[1] // 3
    (gradient,) = torch.autograd.grad(made[0, 0, row, column], image)
    assert gradient[0, 0, row, column] == 0
    assert gradient.abs().max() > 0
