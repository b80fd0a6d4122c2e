"""Networks fitted to one image: the papers' sizes and losses, the same bits every time, and less noise."""

import threading

import numpy as np
import pytest
import torch
from usbench.methods.deep.networks.hourglass import Hourglass
from usbench.methods.deep.networks.zs_n2n import SmallNetwork
from usbench.methods.deep.zero_shot import middle, mirrored, seeded
from usbench.methods.deep.zs_n2n import halves, symmetric_loss

import usbench
from usbench.core.errors import MethodError, UsageError

QUICK = ["dip[iterations=3,width=4]", "zs-n2n[iterations=3,width=4]"]


def noisy(height=64, width=48):
    rng = np.random.default_rng(0)
    clean = np.kron(rng.random((4, 4)), np.ones((height // 4, width // 4)))
    return clean, torch.from_numpy((clean + 0.15 * rng.standard_normal(clean.shape)).clip(0, 1)).float()[None, None]


def test_networks_have_the_sizes_that_the_authors_state():
    def count(network):
        return sum(parameter.numel() for parameter in network.parameters())

    assert count(Hourglass(channels=3)) == 2_217_831  # printed by the authors' notebook on denoising
    assert count(SmallNetwork(channels=3)) == 22_275  # "about 22k" in the paper
    assert count(SmallNetwork()) == 21_313


def test_halves_are_the_means_of_the_diagonals():
    image = torch.arange(24.0).reshape(1, 1, 4, 6)
    first, second = halves(image)
    for row in range(2):
        for column in range(3):
            cell = image[0, 0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            assert first[0, 0, row, column] == (cell[0, 1] + cell[1, 0]) / 2
            assert second[0, 0, row, column] == (cell[0, 0] + cell[1, 1]) / 2


def test_the_loss_is_that_of_the_paper():
    network = seeded(lambda: SmallNetwork(4), 0)
    image = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    (d1, d2), (r1, r2) = halves(image), halves(network(image))
    residual = 0.5 * (((d2 - network(d1)) ** 2).mean() + ((d1 - network(d2)) ** 2).mean())
    consistency = 0.5 * (((network(d1) - r1) ** 2).mean() + ((network(d2) - r2) ** 2).mean())
    assert symmetric_loss(network, image).item() == pytest.approx((residual + consistency).item(), rel=1e-6)


@pytest.mark.parametrize("name", QUICK)
def test_the_seed_alone_decides(name):
    image = noisy()[1]
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = usbench.load_method(name).despeckle(image)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(usbench.load_method(name).despeckle(image), first)
    assert not torch.equal(usbench.load_method(name, seed=1).despeckle(image), first)


@pytest.mark.parametrize("name", QUICK)
def test_it_learns_where_gradients_are_off_and_from_several_threads(name):
    method, image = usbench.load_method(name), noisy()[1]
    expected = method.despeckle(image)
    with torch.inference_mode():
        assert torch.equal(method.despeckle(image.clone()), expected)
    results = []
    threads = [threading.Thread(target=lambda: results.append(method.despeckle(image))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert all(torch.equal(result, expected) for result in results)


def test_zs_n2n_takes_noise_away():
    clean, image = noisy()
    result = usbench.load_method("zs-n2n[iterations=150,width=16]").despeckle(image)[0, 0].numpy()
    assert np.mean((result - clean) ** 2) < np.mean((image[0, 0].numpy() - clean) ** 2) / 1.6


def test_dip_learns_the_image_before_its_noise():
    clean, image = noisy()
    results = [usbench.load_method("dip", iterations=n, width=8).despeckle(image)[0, 0].numpy() for n in (20, 120)]
    errors = [np.mean((result - clean) ** 2) for result in results]
    assert errors[1] < 0.7 * errors[0]
    assert errors[1] < np.mean((results[1] - image[0, 0].numpy()) ** 2)  # it is nearer to what it never saw


def test_seeded_weights_are_drawn_as_torch_draws_them():
    layer = seeded(lambda: torch.nn.Conv2d(32, 64, 3), 0)
    usual = torch.nn.Conv2d(32, 64, 3)
    for ours, theirs in zip(layer.parameters(), usual.parameters(), strict=True):
        assert ours.std().item() == pytest.approx(theirs.std().item(), rel=0.25)
        assert ours.abs().max() <= 1 / np.sqrt(32 * 9)


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (64, 65)])
def test_an_image_is_continued_around_itself(shape):
    image = torch.rand(1, 1, *shape)
    larger = mirrored(image, 32, 64)
    assert larger.shape[2] % 32 == larger.shape[3] % 32 == 0
    assert min(larger.shape[2:]) >= 64
    assert torch.equal(middle(larger, *shape), image)


def test_bad_input_is_a_sentence():
    with pytest.raises(MethodError, match="not finite"):
        usbench.load_method("dip").despeckle(torch.full((1, 1, 8, 8), float("nan")))
    with pytest.raises(UsageError, match="iterations=0"):
        usbench.load_method("zs-n2n", iterations=0)
