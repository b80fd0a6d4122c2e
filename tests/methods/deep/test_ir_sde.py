"""IR-SDE: closed forms against simulation and conditioning, the reverse process with the true mean, and draws."""

import numpy as np
import pytest
import torch
from usbench.methods.deep.mean_reverting_sde import DEVIATION, LEFT, draw, earlier, kept, level, rate, state
from usbench.methods.deep.networks.level_unet import LevelUnet
from usbench.methods.deep.recipes import untrained
from usbench.methods.deep.states import StatePairs, StateRegression
from usbench.methods.pix2pix.pairs import DespecklerPairs
from usbench.methods.pix2pix.regression import Objective
from usbench.methods.pix2pix.tiles import Tiling

import usbench
from usbench import registry
from usbench.core.errors import MethodError, UsageError
from usbench.training.contracts import Hardware, Recipe, Schedule
from usbench.training.loop import fit
from usbench.weights.shards import save_weights


def test_the_forward_process_is_the_one_that_steps_of_the_equation_make():
    clean, image, steps, paths = 0.9, 0.3, 500, 20_000
    rng = np.random.default_rng(0)
    now = np.full(paths, clean)
    for step in range(steps):
        theta = rate((step + 0.5) / steps)
        now += theta * (image - now) / steps
        now += DEVIATION * np.sqrt(2 * theta / steps) * rng.standard_normal(paths)
        if step + 1 in (150, 300, 500):
            time = (step + 1) / steps
            assert now.mean() == pytest.approx(state(clean, image, 0.0, time), abs=0.005)
            assert now.std() == pytest.approx(DEVIATION * level(time), rel=0.02)


def test_the_schedule_runs_from_the_clean_image_to_the_speckled_one():
    assert kept(0) == 1
    assert kept(1) == pytest.approx(LEFT)
    assert rate(0) == pytest.approx(0, abs=1e-12)
    assert all(rate(time) < rate(time + 0.1) for time in np.linspace(0, 0.9, 10))


def test_an_earlier_state_is_what_conditioning_gives():
    """By Bayes: the product of how likely it is from the clean image, and how likely the later state is from it."""
    clean, image, now, time, before = 0.9, 0.3, 0.45, 0.7, 0.5
    since = kept(time) / kept(before)
    grid = np.linspace(-2, 3, 200_001)
    likely = (grid - state(clean, image, 0, before)) ** 2 / (DEVIATION * level(before)) ** 2
    likely += (now - (image + (grid - image) * since)) ** 2 / (DEVIATION**2 * (1 - since**2))
    density = np.exp(-(likely - likely.min()) / 2)
    density /= density.sum()
    mean = (grid * density).sum()
    deviation = np.sqrt(((grid - mean) ** 2 * density).sum())
    assert earlier(now, clean, image, 0.0, time, before) == pytest.approx(mean, abs=1e-6)
    assert earlier(now, clean, image, 1.0, time, before) - mean == pytest.approx(deviation, abs=1e-6)
    assert earlier(now, clean, image, 1.0, time, 0.0) == pytest.approx(clean)  # at the end, the clean image is left


class Gaussian(torch.nn.Module):
    """The true expectation of a clean image whose pixels are normal about the speckled ones, at a distance."""

    tiling = LevelUnet.tiling
    shift, spread = 0.1, 0.05

    def forward(self, stack):
        now, image, level = stack.split(1, 1)
        left = (1 - level**2).sqrt()
        gain = left * self.spread**2 / (left**2 * self.spread**2 + (DEVIATION * level) ** 2)
        return image + self.shift + gain * (now - image - left * self.shift)


def test_the_way_back_with_the_true_expectation_ends_in_the_true_distribution():
    image = torch.full((1, 1, 64, 64), 0.4)
    drawn = draw(Gaussian(), image, steps=500, draws=2, seed=0)
    assert drawn.mean().item() == pytest.approx(0.5, abs=0.002)
    assert drawn.std().item() == pytest.approx(0.05, rel=0.03)
    few = draw(Gaussian(), image, steps=10, draws=4, seed=0)
    assert few.mean().item() == pytest.approx(0.5, abs=0.002)
    assert 0.02 < few.std().item() < 0.05  # few steps lose variance, not the mean


def test_a_network_that_knows_the_clean_image_is_believed(monkeypatch):
    clean = torch.rand(1, 1, 40, 56, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(
        "usbench.methods.pix2pix.generator.translate", lambda network, stack: clean.expand(3, 1, 40, 56)
    )
    assert torch.allclose(draw(Gaussian(), 1 - clean, 5, 3, 1), clean.expand(3, 1, 40, 56), atol=1e-6)


L2 = Objective(l1=0, l2=1, adversarial=0)
FOUR = np.kron([[60, 130], [180, 100]], np.ones((64, 64))).astype(np.uint8)


def supply(size: int = 32) -> DespecklerPairs:
    return DespecklerPairs([([FOUR], registry.load_simulator("rayleigh"))], size, zoomed=False)


def test_states_lie_where_the_closed_form_has_them():
    pairs = supply(64)
    levels = []
    for index in range(40):
        (now, image, noise), clean = StatePairs(pairs)(index)
        assert np.array_equal(image, pairs(index)[0])
        assert np.array_equal(clean, pairs(index)[1])
        assert np.ptp(noise) == 0
        left = np.sqrt(1 - noise[0, 0] ** 2)
        epsilon = (now - image - (clean - image) * left) / (DEVIATION * noise[0, 0])
        assert abs(epsilon.mean()) < 0.1
        assert epsilon.std() == pytest.approx(1, abs=0.05)
        levels.append(noise[0, 0])
    assert min(levels) < 0.2
    assert max(levels) > 0.95


def test_it_learns_to_despeckle(tmp_path):
    seen = [supply()(index) for index in range(72)]
    pairs = StatePairs(lambda index: seen[8 + index % 64])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        task = StateRegression(LevelUnet(8), L2, 8e-3, average_decay=0.9)
    recipe = Recipe(task, pairs, lambda index: seen[index], {}, lambda: [], lambda _: {})
    fit(recipe, Schedule(steps=150, batch=4), tmp_path, Hardware("cpu", precision="32-true"))
    images, references = (torch.from_numpy(np.stack(half))[:, None] for half in zip(*seen[:8], strict=True))
    network = task.networks["average"]
    drawn = torch.stack([draw(network, image, 5, 4, 0) for image in images.split(1)])
    before, one, several = (((made - references) ** 2).mean() for made in (images, drawn[:, 0], drawn.mean(1)))
    assert several < one < 0.5 * before


def test_a_resumed_training_is_the_one_that_was_not_stopped(tmp_path):
    class Stop(Exception):
        pass

    pairs = supply()

    def trained(folder, last=99):
        def stopping(index):
            if index >= last:
                raise Stop
            return StatePairs(pairs)(index)

        with torch.random.fork_rng():
            torch.manual_seed(0)
            task = StateRegression(LevelUnet(4), L2, 1e-3)
        recipe = Recipe(task, stopping, pairs, {}, lambda: [], lambda _: {})
        fit(recipe, Schedule(steps=4, batch=2, save_every=0), folder, Hardware("cpu", precision="32-true"))
        return task.weights()

    with pytest.raises(Stop):
        trained(tmp_path / "cut", last=4)
    cut, whole = trained(tmp_path / "cut"), trained(tmp_path / "whole")
    assert all(torch.equal(cut[name], value) for name, value in whole.items())


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    about = {"network": "ir-sde", "width": 4, "blocks": 1}
    network = untrained(registry.find("methods", "ir-sde").target, about)
    return str(save_weights(tmp_path_factory.mktemp("weights"), "ir-sde", network.state_dict(), about))


def prepared(weights, **parameters):
    method = usbench.load_method("ir-sde", weights=weights, exact=True, **parameters)
    method.prepare()
    return method


def test_result_and_uncertainty_are_those_of_the_draws(weights):
    images = torch.rand(2, 1, 40, 48, generator=torch.Generator().manual_seed(0))
    method = prepared(weights, steps=3, draws=5)
    drawn = draw(method._network, images[1:], 3, 5, 0)
    assert torch.equal(method.despeckle(images)[1], drawn.mean(0))
    assert torch.equal(method.uncertainty(images)[1], drawn.std(0))
    assert torch.equal(method.despeckle(images), method.despeckle(images))
    assert not torch.equal(prepared(weights, steps=3, draws=5, seed=1).despeckle(images), method.despeckle(images))


def test_a_large_image_is_one_diffusion_in_tiles():
    """Tiles see one state, so that nothing shows where they meet."""

    class Tiled(Gaussian):
        tiling = Tiling(size=64, overlap=16, fixed=False)

    image = torch.rand(1, 1, 50, 150, generator=torch.Generator().manual_seed(0))
    in_tiles, whole = (draw(network, image, 3, 2, 0) for network in (Tiled(), Gaussian()))
    assert torch.allclose(in_tiles, whole, atol=1e-5)


def test_what_it_cannot_do_is_a_sentence(weights):
    with pytest.raises(MethodError, match="2 draws or more"):
        prepared(weights, draws=1).uncertainty(torch.rand(1, 1, 32, 32))
    with pytest.raises(MethodError, match="call prepare"):
        usbench.load_method("ir-sde", weights=weights).despeckle(torch.rand(1, 1, 32, 32))
    with pytest.raises(MethodError, match="not finite"):
        prepared(weights).despeckle(torch.full((1, 1, 32, 32), torch.nan))
    with pytest.raises(UsageError, match="greater than or equal to 1"):
        usbench.load_method("ir-sde", weights=weights, steps=0)
