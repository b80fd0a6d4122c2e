"""The generator of CycleGAN against the paper: layers and parameters."""

import pytest
import torch
from torch import nn
from usbench.methods.deep.networks.resnet_generator import ResnetGenerator


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolutions(side: int, *channels: tuple[int, int]) -> int:
    return sum(before * after * side**2 + after for before, after in channels)


def test_the_generator_has_the_papers_size():
    # section 7.2: c7s1-64, d128, d256, nine times R256, u128, u64, c7s1-3; the reference implementation has biases
    ends = convolutions(7, (3, 64), (64, 3))
    halvings = convolutions(3, (64, 128), (128, 256), (256, 128), (128, 64))
    blocks = convolutions(3, *[(256, 256)] * 18)
    assert count(ResnetGenerator(64, 9, channels=3)) == ends + halvings + blocks == 11_378_179
    assert count(ResnetGenerator(64, 6, channels=3)) == 11_378_179 - convolutions(3, *[(256, 256)] * 6)


def shapes(network: nn.Module, kinds: tuple[type, ...], image: torch.Tensor) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for module in network.modules():
        if isinstance(module, kinds):
            module.register_forward_hook(lambda _module, _given, made: found.append(tuple(made.shape[1:])))
    network(image)
    return found


def test_layers_of_the_generator_are_the_papers():
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    down, up = [(4, 64, 64), (8, 32, 32), (16, 16, 16)], [(8, 32, 32), (4, 64, 64), (1, 64, 64)]
    assert shapes(ResnetGenerator(4, 3), kinds, torch.rand(1, 1, 64, 64)) == down + [(16, 16, 16)] * 6 + up
    folded = shapes(ResnetGenerator(4, 3, fold=2), kinds, torch.rand(1, 1, 128, 128))
    assert folded == down + [(16, 16, 16)] * 6 + [*up[:-1], (4, 64, 64)]


def test_an_image_does_not_depend_on_its_batch():
    network = ResnetGenerator(4, 1)
    images = torch.rand(3, 1, 32, 32)
    assert torch.allclose(network(images)[1:2], network(images[1:2]), atol=1e-6)


@pytest.mark.parametrize("fold", [1, 2])
def test_tiles_of_one_image_go_over_into_each_other(fold):
    """Each tile has statistics of its own: where they meet nothing jumps."""
    from usbench.methods.pix2pix.tiles import Tiling, apply_in_tiles

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = ResnetGenerator(4, 1, fold=fold).eval()
    row = torch.linspace(0.1, 0.9, 448)
    with torch.inference_mode():
        made = apply_in_tiles(network, row.expand(1, 1, 128, 448), Tiling(size=256, overlap=64, fixed=False))
        whole = network(row.expand(1, 1, 128, 448))
    jumps = made[0, 0, 64].diff().abs()
    assert (made - whole).abs().max() > 0.01  # the greys are those of tiles
    assert jumps[192:256].max() < 2 * whole[0, 0, 64].diff().abs().max()
