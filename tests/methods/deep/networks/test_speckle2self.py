"""The network of `speckle2self`: what it keeps, and that of the public package zea, where it is installed."""

import os

import pytest
import torch
from torch.nn.functional import instance_norm, relu
from usbench.methods.deep.networks.speckle2self import SCALES, Speckle2SelfNetwork
from usbench.methods.deep.scales import coarser

SIDE = 64  # pixels


@pytest.fixture(scope="module")
def theirs():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    zea = pytest.importorskip("zea.models.speckle2self", reason="zea is not installed")
    return zea._build_torch_classes()["SpeckleReductionNet"]().eval()


def test_encoders_and_decoder_are_those_of_zea(theirs):
    """The same weights, in the same order, give the same result before our last layer, which is not normalised."""
    torch.manual_seed(0)
    ours = Speckle2SelfNetwork(32).eval()
    parts = [theirs.encoder_highRes, theirs.encoder_midRes, theirs.encoder_lowRes, theirs.decoder]
    for own, part in zip([*ours.encoders, ours.decoder], parts, strict=True):
        values = list(own.state_dict().values())
        names = list(part.state_dict())
        assert [value.shape for value in values] == [value.shape for value in part.state_dict().values()]
        part.load_state_dict(dict(zip(names, values, strict=True)))
    image = torch.rand(1, 1, SIDE, SIDE)
    normal = (image - image.mean()) / image.std(correction=0)
    with torch.inference_mode():
        expected = theirs(normal, normal, normal)
        for encoder, made in zip(ours.encoders, (expected[0], expected[2], expected[1]), strict=True):
            assert torch.allclose(relu(instance_norm(ours.decoder(encoder(normal)))), made, atol=1e-4)
        result = ours(image)
        raw = ours.decoder(ours.encoders[0](normal))
    assert torch.allclose(result, image.mean() + image.std(correction=0) * raw, atol=1e-4)


def test_the_versions_of_an_image_have_its_size_and_mean():
    image = torch.rand(2, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    versions = coarser(image)
    assert versions.shape == (2, SCALES, SIDE, SIDE)
    assert torch.equal(versions[:, :1], image)
    assert torch.allclose(versions.mean((2, 3)), image.mean((2, 3)).expand(-1, SCALES), atol=0.03)


def test_the_decoder_is_shared_and_the_grey_scale_kept():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Speckle2SelfNetwork(4)
    image = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    three = network(image.expand(-1, 3, -1, -1))
    assert torch.equal(three[:, :1], network(image))
    network.encoders[1].load_state_dict(network.encoders[0].state_dict())
    assert torch.equal(network(image.expand(-1, 3, -1, -1))[:, 1], three[:, 0])
    assert torch.allclose(network(0.2 + 0.5 * image), 0.2 + 0.5 * network(image), atol=2e-3)
