"""The residual U-Net: any size, the identity before training, and attention over the whole image."""

import pytest
import torch
from usbench.methods.pix2pix.residual_unet import MULTIPLE, ResidualUnet, continued


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (17, 33), (64, 64), (100, 130)])
def test_any_size_comes_back(shape):
    image = torch.rand(2, 1, *shape)
    assert ResidualUnet(4)(image).shape == image.shape


def test_images_are_continued_by_mirroring_to_a_multiple_of_32():
    image = torch.arange(40.0)[None, None, None, :].expand(1, 1, 64, 40)
    longer = continued(image)
    assert longer.shape == (1, 1, 64, 64)
    assert longer[0, 0, 0, 40] == 38
    assert longer.shape[3] % MULTIPLE == 0


def test_the_output_is_the_input_and_a_change():
    torch.manual_seed(0)
    network = ResidualUnet(4)
    torch.nn.init.zeros_(network.tail.weight)
    torch.nn.init.zeros_(network.tail.bias)
    image = torch.rand(1, 1, 64, 64)
    assert torch.equal(network(image), image)


def test_residual_blocks_start_as_the_identity():
    features = torch.rand(1, 4, 16, 16)
    assert torch.equal(ResidualUnet(4).encode[0](features), features)


def test_attention_lets_every_pixel_depend_on_the_whole_image():
    torch.manual_seed(0)
    network = ResidualUnet(8)
    for name, parameter in network.named_parameters():
        if name.endswith("after.weight"):
            torch.nn.init.normal_(parameter, std=0.1)
    image = torch.rand(1, 1, 512, 512, requires_grad=True)
    network(image)[0, 0, 10, 10].backward()
    assert image.grad[0, 0, -20:, -20:].abs().max() > 0


def test_it_learns_one_image():
    torch.manual_seed(0)
    network = ResidualUnet(8)
    target = torch.rand(1, 1, 8, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    noisy = (target * torch.rand(1, 1, 64, 64) * 2).clamp(0, 1)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    first = None
    for _ in range(120):
        loss = (network(noisy) - target).abs().mean()
        first = first or loss.item()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.3 * first
