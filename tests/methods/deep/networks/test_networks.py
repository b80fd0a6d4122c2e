"""The networks against their papers: sizes, receptive fields, any image size, and that they learn."""

import pytest
import torch
from torch import nn
from usbench.methods.deep.networks.dncnn import DnCnnNetwork
from usbench.methods.deep.networks.drnn import DrnnNetwork
from usbench.methods.deep.networks.id_cnn import IdCnnNetwork
from usbench.methods.deep.networks.nafnet import NafNetNetwork
from usbench.methods.deep.networks.red_cnn import RedCnnNetwork
from usbench.methods.deep.networks.resnet_generator import ResnetGenerator
from usbench.methods.deep.networks.restormer import ChannelAttention, RestormerNetwork
from usbench.methods.deep.networks.speckle2self import Speckle2SelfNetwork
from usbench.methods.deep.networks.unet import UnetNetwork
from usbench.methods.pix2pix.naf_block import NafBlock

SMALL = {
    "dncnn": lambda: DnCnnNetwork(5, 8),
    "id-cnn": lambda: IdCnnNetwork(8),
    "red-cnn": lambda: RedCnnNetwork(8),
    "unet": lambda: UnetNetwork(4),
    "unet-residual": lambda: UnetNetwork(4, residual=True),
    "nafnet": lambda: NafNetNetwork(8, (1, 1), 1, (1, 1)),
    "restormer-light": lambda: RestormerNetwork(8, (1, 1, 1, 1), 0, fold=2),
    "restormer": lambda: RestormerNetwork(8, (1, 1, 1, 1), 0),
    "speckle2self": lambda: Speckle2SelfNetwork(8),
    "cyclegan": lambda: ResnetGenerator(8, 1, fold=2),
    "cyclegan-whole": lambda: ResnetGenerator(8, 1),
    "drnn": lambda: DrnnNetwork(8, 2),
}


@pytest.fixture(params=SMALL)
def network(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SMALL[request.param]()


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolutions(side: int, *channels: tuple[int, int]) -> int:
    return sum(before * after * side**2 + after for before, after in channels)


def test_sizes_that_the_papers_state():
    # NAFNet, table 6 and 7: 17.1 M at width 32 and 67.9 M at width 64 (GoPro), 29.16 M and 36 blocks (SIDD)
    gopro, sidd = ((1, 1, 1, 28), 1, (1, 1, 1, 1)), ((2, 2, 4, 8), 12, (2, 2, 2, 2))
    assert round(count(NafNetNetwork(32, *gopro, channels=3)) / 1e6, 1) == 17.1
    assert round(count(NafNetNetwork(64, *gopro, channels=3)) / 1e6, 1) == 67.9
    assert round(count(NafNetNetwork(32, *sidd, channels=3)) / 1e6, 2) == 29.16
    # Restormer: 26.13 M for colour images and a norm with bias; without it (denoising) each norm has a bias less
    restormer = RestormerNetwork(48, (4, 6, 6, 8), 4, channels=3)
    biases = sum(len(block.weight) for name, block in restormer.named_modules() if name.rpartition("norms.")[1])
    assert round((count(restormer) + biases) / 1e6, 2) == 26.13


def test_sizes_that_follow_from_the_papers_tables():
    norms = 2 * 64  # a gain and an offset a channel
    # DnCNN, section III-A: 17 layers of 64 filters of 3 x 3; a bias before a norm is the norm's
    assert count(DnCnnNetwork()) == convolutions(3, (1, 64), (64, 1)) + 15 * (64 * 64 * 9 + norms) == 556_097
    # ID-CNN, table I: eight layers of 64 filters, six with a norm
    assert count(IdCnnNetwork()) == convolutions(3, (1, 64), (64, 1), *[(64, 64)] * 6) + 6 * norms == 223_553
    # RED-CNN, section II-B: five and five layers of 96 filters of 5 x 5
    assert count(RedCnnNetwork()) == convolutions(5, (1, 96), (96, 1), *[(96, 96)] * 8) == 1_848_865
    # U-Net, figure 1, with one map at the end where the paper has two
    widths = (64, 128, 256, 512, 1024)
    down = convolutions(3, (1, 64), *[(w, 2 * w) for w in widths[:-1]], *[(w, w) for w in widths])
    up = convolutions(3, *[(2 * w, w) for w in widths[:-1]], *[(w, w) for w in widths[:-1]])
    up += convolutions(2, *[(2 * w, w) for w in widths[:-1]]) + convolutions(1, (64, 1))
    assert count(UnetNetwork(64)) == down + up == 31_030_593


def test_sizes_that_follow_from_the_authors_code_of_speckle2self():
    widths = (32, 64, 128, 256)
    residual = convolutions(3, *[(width, width) for width in widths for _ in range(2)])
    encoder = residual + convolutions(3, (1, 32), (32, 64), (64, 128), (128, 256))
    decoder = residual + convolutions(3, (256, 128), (128, 64), (64, 32), (32, 1))
    assert count(Speckle2SelfNetwork()) == 3 * encoder + decoder == 7_821_825


def seen(network: nn.Module, row: int = 160, column: int = 160) -> tuple[int, int]:
    """Return the height and width of what a pixel of the result depends on: the extent of its gradient."""
    network.eval()
    for name, parameter in network.named_parameters():  # positive everywhere, so that no path is cut or cancelled
        nn.init.constant_(parameter, 1.0 / parameter[0].numel() if name.endswith("weight") else 0.01)
    image = torch.full((1, 1, 320, 320), 0.5, requires_grad=True)
    network(image)[0, 0, row, column].backward()
    touched = image.grad[0, 0] != 0
    return int(touched.any(1).sum()), int(touched.any(0).sum())


def test_a_pixel_sees_what_the_papers_say():
    assert seen(DnCnnNetwork(width=4)) == (35, 35)  # section III-B: (2 d + 1) x (2 d + 1)
    assert seen(DnCnnNetwork(20, 4)) == (41, 41)
    assert seen(IdCnnNetwork(4)) == (17, 17)  # eight layers of 3 x 3
    assert seen(RedCnnNetwork(4)) == (41, 41)  # ten layers of 5 x 5


def test_a_pixel_of_drnn_sees_what_its_docstring_says():
    assert seen(DrnnNetwork(4, 6)) == (29, 29)


def test_a_pixel_of_the_unet_sees_four_or_five_of_the_innermost(monkeypatch):
    # an innermost pixel sees 140 pixels at 16 from the next; up from there a pixel depends on 4 or 5 of them
    monkeypatch.setattr("usbench.methods.deep.networks.unet.max_pool2d", nn.functional.avg_pool2d)
    found = {seen(UnetNetwork(1), 144 + offset)[0] for offset in range(16)}
    assert found == {140 + 3 * 16, 140 + 4 * 16}


@pytest.mark.parametrize("name", ["nafnet", "restormer-light"])
def test_attention_over_channels_sees_the_whole_image(name):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SMALL[name]()
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.3)
        image = torch.rand(1, 1, 256, 256, requires_grad=True)
    network(image)[0, 0, 3, 3].backward()
    assert bool((image.grad[0, 0, -8:, -8:] != 0).all())


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (17, 33), (64, 64), (50, 70)])
def test_any_size_comes_back(network, shape):
    image = torch.rand(2, 1, *shape)
    result = network.eval()(image)
    assert result.shape == image.shape
    assert result.dtype == torch.float32
    assert bool(result.isfinite().all())


def test_half_precision_keeps_the_image_whole(network):
    network.eval().to(torch.bfloat16)
    assert network(torch.rand(1, 1, 32, 32)).dtype == torch.float32


def test_it_learns_one_image(network):
    generator = torch.Generator().manual_seed(0)
    target = torch.rand(1, 1, 4, 4, generator=generator).repeat_interleave(8, 2).repeat_interleave(8, 3)
    noisy = (target * torch.rand(1, 1, 32, 32, generator=generator) * 2).clamp(0, 1)
    optimiser = torch.optim.Adam(network.parameters(), 5e-3)
    losses = []
    for _ in range(100):
        loss = ((network(noisy) - target) ** 2).mean()
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert min(losses[-10:]) < 0.3 * min(losses[0], float(((noisy - target) ** 2).mean()))


def test_a_naf_block_starts_as_the_identity():
    features = torch.rand(1, 4, 16, 16)
    assert torch.equal(NafBlock(4)(features), features)


def test_attention_over_channels_does_not_depend_on_where_pixels_are():
    """Its map is one of channels: moving the pixels moves the result with them, if no convolution looks around."""
    attention = ChannelAttention(8, 2)
    nn.init.zeros_(attention.local.weight)
    attention.local.weight.data[:, :, 1, 1] = 1.0
    features = torch.rand(1, 8, 6, 5)
    order = torch.randperm(30)
    moved = features.flatten(2)[:, :, order].unflatten(2, (6, 5))
    assert torch.allclose(attention(moved).flatten(2), attention(features).flatten(2)[:, :, order], atol=1e-6)
    assert not torch.allclose(attention(features), features)
