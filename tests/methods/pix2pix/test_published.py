"""The published layout, and the methods that run on it, against an independently written module."""

import numpy as np
import pytest
import torch
from published_layout import FOLDERS, pth, published_archive, published_unet, random_unet, write_archive
from usbench.methods.pix2pix.gan_s_zenodo import on_grey_scale_of
from usbench.methods.pix2pix.networks import UnetGenerator
from usbench.methods.pix2pix.per_image_norm import TILING, SeededDropout, load_demo_generator, translate_alone
from usbench.methods.pix2pix.published import as_unet_256, expected_shapes

from usbench import registry
from usbench.core.errors import PluginError
from usbench.weights.add import add_weights
from usbench.weights.user import user_index

NGF = 3


@pytest.fixture
def nothing_added(tmp_path, monkeypatch):
    monkeypatch.setenv("USBENCH_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path


@pytest.fixture
def networks(nothing_added):
    """The independent networks whose weights were added, in training mode: batch norm on the batch, dropout off."""
    made = {name: random_unet(NGF, seed, dropout=0.0) for seed, name in enumerate(FOLDERS)}
    archive = nothing_added / "USGAN_pix2pix_weights.tar.gz"
    write_archive(archive, {name: pth(network.state_dict()) for name, network in made.items()})
    assert set(add_weights("gan-d-zenodo", archive).names) == set(FOLDERS)
    return {name: network.train() for name, network in made.items()}


def reference(network, plane: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return (network(2 * plane - 1) + 1) / 2


def test_names_and_shapes_are_the_published_ones_at_full_width():
    with torch.device("meta"):
        state = published_unet(64).state_dict()
        ours = UnetGenerator(64).state_dict()
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    assert shapes == expected_shapes(64) == {key: tuple(value.shape) for key, value in ours.items()}
    assert (
        round(sum(np.prod(shape) for key, shape in shapes.items() if "running" not in key and shape) / 1e6, 3) == 54.408
    )


def test_d_is_the_independent_network_on_the_statistics_of_each_image(networks):
    batch = torch.rand(3, 1, 256, 256, generator=torch.Generator().manual_seed(0)) ** 2
    method = registry.load_method("gan-d-zenodo[dropout=false]")
    method.prepare("cpu")
    expected = torch.cat([reference(networks["gan-d-zenodo"], plane) for plane in batch.split(1)])
    found = method.despeckle(batch)
    assert found.std() > 0.05
    assert (found - expected).abs().max() < 1e-4
    assert (found - reference(networks["gan-d-zenodo"], batch)).abs().max() > 1e-3  # statistics of the batch differ


def test_an_image_of_512_is_run_in_one_piece(networks):
    image = torch.rand(1, 1, 512, 256, generator=torch.Generator().manual_seed(0))
    method = registry.load_method("gan-d-zenodo", dropout=False)
    method.prepare("cpu")
    assert (method.despeckle(image) - reference(networks["gan-d-zenodo"], image)).abs().max() < 1e-4


def test_a_small_image_is_continued_by_reflection(networks):
    image = torch.rand(1, 1, 200, 256, generator=torch.Generator().manual_seed(0))
    method = registry.load_method("gan-d-zenodo", dropout=False)
    method.prepare("cpu")
    padded = torch.nn.functional.pad(image, (0, 0, 28, 28), mode="reflect")
    expected = reference(networks["gan-d-zenodo"], padded)[:, :, 28:228]
    assert (method.despeckle(image) - expected).abs().max() < 1e-4


def test_resizing_is_that_of_pillow_as_in_the_demo(networks):
    y, x = torch.meshgrid(torch.linspace(0, 1, 300), torch.linspace(0, 1, 400), indexing="ij")
    image = (0.5 + 0.4 * torch.sin(9 * x + 5 * y))[None, None]
    method = registry.load_method("gan-d-zenodo", dropout=False, resize=True)
    method.prepare("cpu")
    small = torch.from_numpy(pillow_bicubic(image[0, 0].numpy(), 256, 256))[None, None]
    expected = pillow_bicubic(reference(networks["gan-d-zenodo"], small)[0, 0].numpy(), 300, 400)
    assert np.abs(method.despeckle(image)[0, 0].numpy() - expected.clip(0, 1)).max() < 1e-3


def pillow_bicubic(plane: np.ndarray, height: int, width: int) -> np.ndarray:
    from PIL import Image

    return np.array(Image.fromarray(plane).resize((width, height), Image.Resampling.BICUBIC))


def test_s_is_given_the_low_resolution_image(networks):
    from usbench.methods.pix2pix.lrr import low_radiometric_resolution

    clean = np.random.default_rng(0).random((256, 256)).astype(np.float32).cumsum(0) / 256
    simulator = registry.load_simulator("gan-s-zenodo[dropout=false]")
    simulated = simulator.simulate(clean, np.random.default_rng(0))
    coarse = torch.from_numpy(low_radiometric_resolution(clean))[None, None]
    expected = reference(networks["gan-s-zenodo"], coarse)[0, 0].numpy()
    assert np.abs(simulated.image - expected).max() < 1e-4
    assert np.array_equal(simulated.reference, on_grey_scale_of(simulated.image, clean))


def test_dropout_halves_the_features_and_depends_on_the_seed_alone(networks):
    image = torch.rand(2, 1, 256, 256, generator=torch.Generator().manual_seed(0))
    results = {}
    for seed in (0, 1):
        method = registry.load_method("gan-d-zenodo", seed=seed)
        method.prepare("cpu")
        results[seed] = method.despeckle(image)
        torch.rand(7)  # the global generator plays no part
        assert torch.equal(results[seed], method.despeckle(image))
        assert torch.equal(results[seed][1:], method.despeckle(image[1:]))
    assert (results[0] - results[1]).abs().max() > 1e-3
    network = load_demo_generator(user_index("gan-d-zenodo"))
    layers = [module for module in network.modules() if isinstance(module, SeededDropout)]
    assert len(layers) == 3
    ones = torch.ones(1, 64, 50, 50)
    kept = []
    for layer in layers:
        layer.seed = 5
        dropped = layer(ones)
        assert set(dropped.unique().tolist()) == {0.0, 2.0}
        assert dropped.mean().item() == pytest.approx(1, abs=0.02)
        kept.append(dropped)
    assert not torch.equal(kept[0], kept[1])


def test_the_simulators_draw_comes_from_the_generator(networks):
    clean = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    simulator = registry.load_simulator("gan-s-zenodo")
    images = [simulator.simulate(clean, np.random.default_rng(seed)).image for seed in (0, 0, 1)]
    assert np.array_equal(images[0], images[1])
    assert np.abs(images[0] - images[2]).max() > 1e-3


def test_a_huge_image_runs_in_pieces_on_statistics_of_their_own():
    sizes = []

    class Spy(torch.nn.Module):
        def forward(self, piece):
            sizes.append(tuple(piece.shape[2:]))
            return piece

    image = torch.rand(1, 1, 200, 2800)
    assert torch.allclose(translate_alone(Spy(), image, None, resize=False), image, atol=1e-6)
    assert {height for height, _ in sizes} == {256}
    assert all(width % 256 == 0 and width <= TILING.size for _, width in sizes)  # as its eight levels need


def test_new_weights_are_used_at_once_and_change_the_hash(networks, nothing_added):
    clean = np.random.default_rng(0).random((32, 32)).astype(np.float32)
    simulator = registry.load_simulator("gan-s-zenodo")
    before, hash_before = simulator.simulate(clean, np.random.default_rng(0)).image, simulator.weights_hash()
    file = nothing_added / "latest_net_G.pth"
    file.write_bytes(pth(random_unet(2, 9).state_dict()))
    add_weights("gan-s-zenodo", file, force=True)
    assert simulator.weights_hash() != hash_before
    assert np.abs(simulator.simulate(clean, np.random.default_rng(0)).image - before).max() > 1e-3


def test_without_weights_one_sentence_says_how_to_get_them(nothing_added):
    for load in (registry.load_method, registry.load_dataset):
        name = "gan-d-zenodo" if load is registry.load_method else "mri+gan-s-zenodo"
        with pytest.raises(
            PluginError, match=r"Zenodo record 13788016 .*`usbench weights add gan-[ds]-zenodo USGAN_pix"
        ):
            load(name)
    method = registry.find("methods", "gan-d-zenodo").target()
    assert method.weights_hash() == ""
    with pytest.raises(PluginError, match="usbench weights add"):
        method.prepare("cpu")


def test_weights_are_kept_as_they_are(nothing_added):
    from usbench.weights.shards import load_weights

    file = published_archive(nothing_added / "a.tar.gz")
    add_weights("gan-s-zenodo", file)
    expected = random_unet(2, 1).state_dict()
    loaded = load_weights(user_index("gan-s-zenodo"))
    assert set(loaded) == set(expected)
    assert all(torch.equal(loaded[key], value) for key, value in expected.items())


def test_the_width_is_read_off_the_shapes():
    zeros = {key: torch.zeros(()).expand(shape) for key, shape in expected_shapes(64).items()}
    assert as_unet_256(zeros, "x")[1] == 64


def test_batch_norm_of_older_torch_has_no_counters():
    plain = random_unet(2).state_dict()
    older = {key: value for key, value in plain.items() if not key.endswith("num_batches_tracked")}
    state, width = as_unet_256(older, "x")
    assert width == 2
    assert set(state) == set(plain)


def test_the_reference_is_on_the_grey_scale_of_the_simulated_image():
    rng = np.random.default_rng(0)
    clean = rng.random((12, 12)).repeat(12, 0).repeat(12, 1).astype(np.float32)
    image = np.clip(0.2 + 0.4 * clean + 0.05 * rng.normal(size=clean.shape), 0, 1).astype(np.float32)
    reference = on_grey_scale_of(image, clean)
    gain, offset = np.polyfit(clean.ravel(), reference.ravel(), 1)
    assert gain == pytest.approx(0.4, abs=0.02)
    assert offset == pytest.approx(0.2, abs=0.02)
    assert np.allclose(reference, gain * clean + offset, atol=1e-5)


def test_an_inverted_or_flat_image_has_a_flat_reference():
    clean = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)
    assert np.ptp(on_grey_scale_of(1 - clean, clean)) < 1e-6
    assert np.allclose(on_grey_scale_of(clean, np.full_like(clean, 0.3)), clean.mean(), atol=0.01)
