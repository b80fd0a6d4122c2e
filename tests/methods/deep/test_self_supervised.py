"""Training without clean images: the pairs have the properties that the papers require, and networks learn."""

import numpy as np
import pytest
import torch
from usbench.methods.deep.blind_spot import BlindSpotPairs, BlindSpotRegression, blind_spots
from usbench.methods.deep.inpainting import SIDES, HiddenBlockPairs, InpaintingRegression
from usbench.methods.deep.looks import TwoLooks
from usbench.methods.deep.neighbors import NeighborPairs, NeighborRegression, marked, neighbors
from usbench.methods.deep.networks.inpainting import InpaintingUnet, hidden_blocks
from usbench.methods.deep.networks.speckle2self import Speckle2SelfNetwork
from usbench.methods.deep.networks.unet import UnetNetwork
from usbench.methods.deep.scales import ScaleRegression, SingleImages, coarser
from usbench.methods.pix2pix.pairs import DespecklerPairs
from usbench.methods.pix2pix.regression import Objective, Regression

from usbench import registry
from usbench.training.contracts import Hardware, Recipe, Schedule
from usbench.training.loop import fit

L2 = Objective(l1=0, l2=1, adversarial=0)


class Tissue:
    """A pool of one image: of one tissue, or of four."""

    def __init__(self, *grey):
        self.image = np.kron(grey, np.ones((64, 64))).astype(np.uint8)

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.image


FOUR = Tissue([60, 130], [180, 100])


def supply(simulator: str, size: int = 64, pool=FOUR) -> DespecklerPairs:
    return DespecklerPairs([(pool, registry.load_simulator(simulator))], size, zoomed=False)


@pytest.mark.full
@pytest.mark.parametrize("simulator", ["rayleigh", "varied", "gan-s"])
def test_two_looks_are_of_one_scanner(simulator):
    pairs = supply(simulator)
    for index in range(3):
        first, second = TwoLooks(pairs)(index)
        image, reference = pairs(index)
        assert np.array_equal(first, image)
        assert not np.array_equal(second, image)
        again = pairs.simulated(index, np.random.default_rng(index))
        # the gain follows the brightest speckle, and the reference of gan-s is a mean of some drawings
        assert np.abs(again.reference - reference).mean() < 0.02
        assert again.dynamic_range_db == pairs.simulated(index).dynamic_range_db


@pytest.mark.parametrize("simulator", ["rayleigh", "varied"])
def test_speckle_of_two_looks_is_independent(simulator):
    pairs = supply(simulator, 128, Tissue([130, 130], [130, 130]))
    for index in range(4):
        looks = TwoLooks(pairs)(index)
        similarity = np.corrcoef(looks[0].ravel(), looks[1].ravel())[0, 1]
        assert abs(similarity) < 0.15, index  # grains are wide: 128 x 128 pixels hold a few hundred of them


def test_a_hidden_pixel_does_not_reach_its_own_prediction():
    places, hidden = blind_spots((64, 48), np.random.default_rng(0))
    image = torch.rand(64 * 48, generator=torch.Generator().manual_seed(0), requires_grad=True)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = UnetNetwork(4)
    made = network(image[torch.from_numpy(places)][None, None])[0, 0]
    for row, column in np.argwhere(hidden)[::5]:
        (gradient,) = torch.autograd.grad(made[row, column], image, retain_graph=True)
        gradient = gradient.reshape(64, 48)
        assert gradient[row, column] == 0
        assert bool((gradient[torch.from_numpy(hidden)] == 0).all())  # nor does that of any other hidden one
        assert gradient[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4].abs().max() > 0


@pytest.mark.parametrize("shape", [(64, 64), (9, 30), (8, 3)])
def test_one_pixel_a_box_is_hidden_behind_a_neighbour(shape):
    places, hidden = blind_spots(shape, np.random.default_rng(1))
    boxes = [hidden[top : top + 8, left : left + 8] for top in range(0, shape[0], 8) for left in range(0, shape[1], 8)]
    assert {int(box.sum()) for box in boxes} == {1}
    own = np.arange(hidden.size).reshape(shape)
    assert np.array_equal(places != own, hidden)
    distance = np.abs(np.array(np.unravel_index(places, shape)) - np.indices(shape)).max(0)
    assert distance.max() <= 2


def test_pairs_with_a_blind_spot_hold_no_clean_image():
    pairs = supply("rayleigh")
    (masked, hidden), target = BlindSpotPairs(pairs)(4)
    assert np.array_equal(target, pairs(4)[0])
    assert np.array_equal(masked[hidden == 0], target[hidden == 0])
    assert masked.dtype == hidden.dtype == np.float32


def test_halves_are_neighbours_of_each_cell_in_every_direction():
    marks = neighbors((64, 65), np.random.default_rng(0))
    assert not marks[:, 64].any()
    cells = marks[:, :64].reshape(32, 2, 32, 2).swapaxes(1, 2).reshape(-1, 2, 2)
    seen = set()
    for cell in cells:
        assert sorted(cell.ravel()) == [0, 0, 1, 2]
        first, second = np.argwhere(cell == 1)[0], np.argwhere(cell == 2)[0]
        assert np.abs(first - second).sum() == 1
        seen.add((*first, *second))
    assert len(seen) == 8
    image = torch.rand(1, 1, 64, 65)
    half = marked(image, torch.from_numpy(marks)[None, None], 2)
    assert half.shape == (1, 1, 32, 32)
    assert torch.allclose(half.flatten().sort()[0], image[0, 0][torch.from_numpy(marks) == 2].sort()[0], atol=1e-6)


def test_the_second_loss_of_neighbours_is_nothing_for_the_difference_of_the_result():
    class Halfway(torch.nn.Module):
        def forward(self, image):
            return image / 2 if image.shape[2] == 16 else image

    task = NeighborRegression.__new__(NeighborRegression)
    task.networks, task.objective = {"generator": Halfway()}, L2
    marks = torch.from_numpy(neighbors((16, 16), np.random.default_rng(0)))[None, None]
    image = torch.rand(1, 1, 16, 16)
    first, second = marked(image, marks, 1), marked(image, marks, 2)
    terms = task.terms(torch.cat([image, marks], 1), image, 0.25)
    assert terms["l2"][1].item() == pytest.approx(((first - second) ** 2).mean().item(), rel=1e-5)
    assert terms["difference"][0] == 0.5
    # the result on the whole image is half of it: so are the differences that are expected
    assert terms["difference"][1].item() == pytest.approx(((first - second) ** 2).mean().item() / 4, rel=1e-4)


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


def test_pairs_with_hidden_blocks_hold_no_clean_image():
    pairs = supply("rayleigh")
    (shown, hidden), target = HiddenBlockPairs(pairs)(4)
    assert np.array_equal(target, pairs(4)[0])
    assert np.array_equal(shown, target * (hidden == 0))
    assert 0.1 < hidden.mean() < 0.45
    rows = np.flatnonzero(np.diff(hidden.max(1)))  # a block lies between two changes
    assert SIDES[0] <= np.diff(rows).min() <= np.diff(rows).max() <= SIDES[1]


@pytest.mark.full
@pytest.mark.parametrize(
    ("task", "pairs"),
    [(Regression, TwoLooks), (BlindSpotRegression, BlindSpotPairs), (NeighborRegression, NeighborPairs)],
)
def test_it_learns_to_despeckle_without_a_clean_image(task, pairs, tmp_path):
    """Speckle that is independent from pixel to pixel is what all three are made for."""
    speckled = supply("rayleigh", 32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = task(UnetNetwork(4), L2, 5e-3, average_decay=0.9)
    recipe = Recipe(made, pairs(speckled), speckled, {}, lambda: [], lambda _: {})
    fit(recipe, Schedule(steps=120, batch=4), tmp_path, Hardware("cpu", precision="32-true"))
    before, after = [], []
    for index in range(1000, 1010):
        image, reference = speckled(index)
        before.append(((image - reference) ** 2).mean())
        result = made.estimate(torch.from_numpy(image)[None, None])[0, 0].numpy()
        after.append(((result - reference) ** 2).mean())
    assert np.mean(after) < 0.5 * np.mean(before)


@pytest.mark.full
def test_inpainting_removes_grains_that_are_wider_than_a_pixel(tmp_path):
    speckled = supply("psf", 64, Tissue([90, 90], [90, 90]))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = InpaintingRegression(InpaintingUnet(2), L2, 5e-3, average_decay=0.9)
    recipe = Recipe(made, HiddenBlockPairs(speckled), speckled, {}, lambda: [], lambda _: {})
    fit(recipe, Schedule(steps=60, batch=4), tmp_path, Hardware("cpu", precision="32-true"))
    image, _ = speckled(1000)
    result = made.estimate(torch.from_numpy(image)[None, None])[0, 0].numpy()
    assert result[8:-8, 8:-8].std() < 0.4 * image[8:-8, 8:-8].std()


def test_coarser_versions_keep_structure_and_change_grains():
    image = torch.rand(2, 1, 64, 48, generator=torch.Generator().manual_seed(0))
    full, half, quarter = coarser(image).split(1, 1)
    assert torch.equal(full, image)
    flat = torch.full((1, 1, 20, 31), 0.3)
    assert torch.allclose(coarser(flat), flat, atol=1e-6)
    slope = torch.linspace(0, 1, 64)[None, None, :, None].expand(1, 1, 64, 64)
    assert torch.allclose(coarser(slope)[:, :, 8:-8], slope[:, :, 8:-8], atol=1e-5)  # structure is where it was
    noise = torch.randn(1, 1, 256, 256, generator=torch.Generator().manual_seed(0))
    deviations = coarser(noise).std((2, 3))[0]
    assert deviations[0] > 2 * deviations[1:].max()
    apart = (coarser(noise)[..., 3:] - coarser(noise)[..., :-3]).std((2, 3))[0] / deviations
    assert apart[0] > 1.1 * apart[2]  # and what is left of the grains is wider
    assert apart[1] > 1.1 * apart[2]
    assert [version.shape for version in (half, quarter)] == [image.shape] * 2
    assert coarser(torch.rand(1, 1, 1, 3)).shape == (1, 3, 1, 3)


def test_pairs_of_single_images_hold_no_clean_image():
    pairs = supply("rayleigh")
    source, target = SingleImages(pairs)(3)
    assert source is target
    assert np.array_equal(source, pairs(3)[0])


def test_losses_of_scales_are_those_of_the_equation():
    made = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    task = ScaleRegression.__new__(ScaleRegression)
    task.networks, task.objective = {"generator": lambda versions: made}, L2
    image = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    terms = task.terms(image, image, 0.0)
    squares = [((made[:, k] - coarser(image)[:, k]) ** 2).mean().item() for k in range(3)]
    apart = [(made[:, first] - made[:, second]).abs().mean().item() for first, second in ((0, 1), (0, 2), (1, 2))]
    assert [weight for weight, _ in terms.values()] == [1, 1]
    assert terms["l2"][1].item() == pytest.approx(sum(squares), rel=1e-5)
    assert terms["consistency"][1].item() == pytest.approx(sum(apart), rel=1e-5)


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


@pytest.mark.full
def test_speckle2self_learns_to_despeckle_without_a_clean_image(tmp_path):
    seen = [supply("rayleigh")(index) for index in range(40)]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = ScaleRegression(Speckle2SelfNetwork(4), L2, 5e-3, average_decay=0.9)
    recipe = Recipe(
        made, lambda index: SingleImages(seen.__getitem__)(8 + index % 32), seen.__getitem__, {}, list, dict
    )
    fit(recipe, Schedule(steps=120, batch=4), tmp_path, Hardware("cpu", precision="32-true"))
    images, references = (torch.from_numpy(np.stack(half))[:, None] for half in zip(*seen[:8], strict=True))
    before, after = (((result - references) ** 2).mean() for result in (images, made.estimate(images)))
    assert after < 0.5 * before
