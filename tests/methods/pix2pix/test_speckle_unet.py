"""The networks of `S`."""

import pytest
import torch
from scipy.ndimage import maximum_filter, minimum_filter
from usbench.methods.pix2pix.speckle_unet import (
    COARSE,
    SPECKLE,
    SpeckleUnet,
    TextureCritic,
    base_of,
    grey_range,
    painted,
)
from usbench.methods.pix2pix.style import PLANES
from usbench.methods.pix2pix.tiles import apply_in_tiles


def planes(height: int, width: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    made = torch.randn((1, PLANES, height, width), generator=generator)
    made[:, 0] = torch.rand((1, height, width), generator=generator)
    made[:, 5] = 0.7
    return made


@pytest.mark.parametrize("shape", [(64, 64), (50, 37), (16, 90)])
def test_it_starts_as_speckle_on_the_smoothed_condition_at_any_size(shape):
    network = SpeckleUnet(4)
    torch.nn.init.zeros_(network.tail.weight)
    given = planes(*shape)
    base = base_of(given)
    expected = base + base.sqrt() * (SPECKLE * given[:, 1:2] + COARSE * given[:, 2:3])
    made = network(given)
    assert made.shape == (1, 1, *shape)
    torch.testing.assert_close(made.clamp(0, 1), expected.clamp(0, 1), atol=1e-5, rtol=0)


def test_an_image_is_the_sum_of_its_components():
    network = SpeckleUnet(4)
    given = planes(48, 48)
    torch.testing.assert_close(painted(given, network.components(given)).clamp(0, 1), network(given).clamp(0, 1))


def test_a_tile_is_treated_as_the_whole_image_is():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = SpeckleUnet(4).eval()
    given = planes(192, 192)
    with torch.inference_mode():
        whole = network.components(given)
        tiled = apply_in_tiles(network.components, given, network.tiling.halved().halved().halved())
    assert tiled.shape == whole.shape == (1, 3, 192, 192)
    torch.testing.assert_close(tiled, whole, atol=2e-3, rtol=0)


def test_the_critic_sees_texture_and_not_slow_shading():
    critic = TextureCritic(8)
    image = torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(0))
    assert critic(image).shape[:2] == (2, 1)
    assert "mean_loss" in critic.state_dict()  # so that a resumed training goes on as it was


def test_steps_of_one_grey_level_are_smoothed_more_than_borders():
    given = torch.zeros((1, PLANES, 64, 96))
    given[:, 0] = 0.4
    given[:, 0, :, 32:64] = 0.4 + 32 / 255
    given[:, 0, :, 64:] = 0.9
    given[:, 5] = 1
    row = base_of(given)[0, 0, 32]
    steepest = row.diff().abs()
    step, border = (steepest[at - 4 : at + 4].max() / rise for at, rise in ((32, 32 / 255), (64, 0.5 - 32 / 255)))
    assert border > 1.8 * step


@pytest.mark.parametrize("shape", [(40, 33), (3, 12), (1, 1)])
def test_the_range_of_a_condition_is_taken_within_9_x_9_pixels(shape):
    condition = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    expected = maximum_filter(condition.numpy(), 9) - minimum_filter(condition.numpy(), 9)
    assert torch.equal(grey_range(condition[None, None])[0, 0], torch.from_numpy(expected))
