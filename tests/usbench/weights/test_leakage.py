"""Leaks of test images into training are found, planted ones too; images that are merely alike are not."""

import hashlib
import io
import json
from dataclasses import dataclass

import numpy as np
import pytest
from checks import check_here
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from program_files import plugin_file

from usbench import registry
from usbench.cli.app import run_command
from usbench.conformance import check_plugin
from usbench.core.dataset import Dataset
from usbench.core.sample import Sample
from usbench.weights import leakage
from usbench.weights.leakage import (
    CARD_KEY,
    Listed,
    card_fingerprints,
    find_leaks,
    fingerprint,
    read_fingerprints,
    write_fingerprints,
)
from usbench.weights.shards import WeightsError

CHECK = "was not trained on test images of the suite"


def eight_bits(image: np.ndarray) -> np.ndarray:
    return np.round(255 * image).astype(np.uint8)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(eight_bits(image)).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream), dtype=np.float32) / 255


def resized(image: np.ndarray, factor: float) -> np.ndarray:
    height, width = (round(factor * extent) for extent in image.shape)
    return np.asarray(Image.fromarray(eight_bits(image)).resize((width, height)), dtype=np.float32) / 255


COPIES = {
    "the same": lambda image: image,
    "mirrored": lambda image: image[:, ::-1],
    "turned": lambda image: np.rot90(image),
    "turned and mirrored": lambda image: image.T,
    "jpeg 50": lambda image: jpeg(image, 50),
    "mirrored jpeg 75": lambda image: jpeg(image[:, ::-1], 75),
    "turned jpeg 75": lambda image: jpeg(np.rot90(image, 3), 75),
    "smaller": lambda image: resized(image, 0.75),
    "larger": lambda image: jpeg(resized(image, 1.3), 75),
    "darker": lambda image: 0.7 * image + 0.1,
}


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("dataset", ["natural", "mri[redrawn=3]", "echo", "phantom[count=4]", "shapes[count=4]"])
def test_every_copy_is_traced_to_its_test_image(copy, dataset):
    test = registry.load_dataset(dataset)
    listed = [Listed(s.id, fingerprint(COPIES[copy](s.image))) for s in list(test)[:6]]
    leaks = {leak.sample: leak for leak in find_leaks(listed, test)}
    for item in listed:
        assert item.name in leaks
        if dataset != "echo":  # frames of one cine are copies of one another
            assert leaks[item.name].training == item.name
        assert (leaks[item.name].distance == 0) == (copy in list(COPIES)[:4])


@pytest.mark.full
def test_neither_brains_nor_photographs_match_those_of_another_split():
    listed = []
    for name in ("natural", "mri[template=17,redrawn=40]", "shapes[count=30]", "phantom[count=20]"):
        for split in ("train", "val"):
            listed += [Listed(s.id, fingerprint(s.image)) for s in registry.load_dataset(name, split=split)]
    assert len(listed) > 250
    for name in ("natural+rayleigh", "mri[template=17]+psf", "shapes[count=16]+recpad", "phantom[count=8]+psf", "echo"):
        assert find_leaks(listed, registry.load_dataset(name)) == []


def test_the_clean_images_of_a_product_are_compared_before_the_noise():
    test = registry.load_dataset("natural+rayleigh")
    listed = [Listed("planted.png", fingerprint(test.source[2].image))]
    (leak,) = find_leaks(listed, test)
    assert (leak.training, leak.sample, leak.dataset) == ("planted.png", test.ids()[2], "natural+rayleigh")
    assert str(leak) == f"the training image planted.png is the same pixels as {test.ids()[2]} of natural+rayleigh"


def test_a_whole_picture_gives_away_its_tiles(tmp_path):
    import skimage.data

    camera = skimage.data.camera().astype(np.float32) / 255
    write_fingerprints(tmp_path / "list.txt", [("camera.png", np.rot90(camera))])
    leaks = find_leaks(read_fingerprints(tmp_path / "list.txt"), registry.load_dataset("natural"))
    assert {leak.sample for leak in leaks} == {f"camera-{row}-{column}" for row in (0, 1) for column in (0, 1)}
    assert all(leak.training.startswith("camera.png tile ") for leak in leaks)


def test_lists_are_read_as_they_were_written(tmp_path):
    rng = np.random.default_rng(0)
    images = [(f"a b\n{n}.png", rng.random((40 + n, 50)).astype(np.float32)) for n in range(3)]
    images.append(("flat", np.full((30, 30), 0.5, np.float32)))
    path = tmp_path / "net.training.txt"
    about = write_fingerprints(path, iter(images))
    assert about == {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "count": 4}
    listed = read_fingerprints(path)
    assert [item.name for item in listed] == ["a b 0.png", "a b 1.png", "a b 2.png", "flat"]
    assert [item.fingerprint for item in listed] == [fingerprint(image) for _, image in images]
    assert path.stat().st_size < 150 * 5


def test_a_card_notices_a_changed_list(tmp_path):
    index = tmp_path / "net.json"
    index.write_text("{}")
    assert card_fingerprints(index) == []
    path = tmp_path / "net.training.txt"
    about = write_fingerprints(path, [("x", np.eye(20, dtype=np.float32))])
    index.write_text(json.dumps({CARD_KEY: about}))
    assert [item.name for item in card_fingerprints(index)] == ["x"]
    path.write_text(path.read_text() + "\n")
    with pytest.raises(WeightsError, match="is not the one of net.json"):
        card_fingerprints(index)


@pytest.mark.parametrize("text", ["", "nonsense", "{header}\nnonsense", "{header}\n" + "0" * 32 + ":short name"])
def test_what_is_no_list_is_refused(tmp_path, text):
    from usbench.weights.leakage import HEADER

    path = tmp_path / "list.txt"
    path.write_text(text.format(header=HEADER))
    with pytest.raises(WeightsError, match="is no "):
        read_fingerprints(path)
    with pytest.raises(WeightsError, match="cannot be read"):
        read_fingerprints(tmp_path / "nosuch")


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_any_size_and_position(height, width, seed):
    image = np.random.default_rng(seed).random((height, width)).astype(np.float32)

    @dataclass(frozen=True)
    class One(Dataset):
        name = "one"
        split: str = "test"

        def ids(self):
            return ("x",)

        def load(self, index):
            return Sample("x", np.rot90(image[::-1], seed))

    (leak,) = find_leaks([Listed("y", fingerprint(image))], One())
    assert leak.distance == 0


def test_flat_images_are_copies_only_if_their_pixels_are():
    black, grey = np.zeros((64, 64), np.float32), np.full((64, 64), 0.5, np.float32)
    assert fingerprint(black).endswith(":")
    phantom = registry.load_dataset("phantom[count=2]")
    assert find_leaks([Listed("black", fingerprint(black)), Listed("grey", fingerprint(grey))], phantom) == []


@pytest.fixture
def network(tmp_path):
    """A method whose card lists the given training images; returns the method's file."""

    def trained_on(images) -> str:
        index = tmp_path / "network.json"
        about = write_fingerprints(tmp_path / "network.training.txt", images)
        index.write_text(json.dumps({CARD_KEY: about}))
        return str(plugin_file(tmp_path, "network", INDEX=str(index)))

    return trained_on


@pytest.mark.parametrize("name", ["phantom[count=2]", "phantom[count=2]+psf", "phantom[count=2]+psf+lesions"])
def test_a_clean_image_is_found_under_any_speckle_and_lesions(name):
    clean = registry.load_dataset("phantom[count=2]", split="test")[1]
    leaks = find_leaks([Listed("planted", fingerprint(clean.image))], registry.load_dataset(name, split="test"))
    assert [(leak.sample, leak.distance) for leak in leaks] == [(clean.id, 0)]


def test_images_of_a_set_are_read_once_for_any_number_of_lists(monkeypatch):
    dataset, read = registry.load_dataset("shapes[count=3]", split="test"), []
    load = type(dataset).load
    monkeypatch.setattr(leakage, "_views_of_sets", {})
    monkeypatch.setattr(type(dataset), "load", lambda self, index: read.append(index) or load(self, index))
    listed = [Listed("planted", fingerprint(load(dataset, 0).image))]
    assert find_leaks(listed, dataset) == find_leaks(listed, dataset) != []
    assert read == [0, 1, 2]


def test_check_finds_a_planted_leak(network, capsys, monkeypatch):
    monkeypatch.setattr("usbench.conformance.isolated.check_isolated", check_here)
    innocent = [(s.id, s.image) for s in registry.load_dataset("mri[redrawn=10]", split="train")]
    tile = registry.load_dataset("natural")[5]
    name = network([*innocent, ("web/00017.jpg", jpeg(tile.image[:, ::-1], 75))])
    finding = {found.check: found for found in check_plugin(name, ["natural+rayleigh"])}[CHECK]
    assert not finding.passed
    assert "web/00017.jpg is a copy (thumbnails differ by 0.0" in finding.reason
    assert f"of {tile.id} of natural+rayleigh" in finding.reason
    assert run_command(["check", name, "-d", "natural+rayleigh"]) == 1
    assert f"BROKEN {CHECK}: the training image web/00017.jpg" in capsys.readouterr().out
    assert run_command(["check", name, "--dataset", "mri+psf", "-d", "echo"]) == 0


def test_check_passes_the_innocent_and_asks_for_a_list(network):
    innocent = [(s.id, s.image) for s in registry.load_dataset("natural", split="train")]
    assert {found.check: found.passed for found in check_plugin(network(innocent), ["mri+psf", "natural+gamma"])}[CHECK]
    finding = {found.check: found for found in check_plugin(network([]))}[CHECK]
    assert finding.reason == "its weights have no list of training images"
    finding = {found.check: found for found in check_plugin("median")}[CHECK]
    assert (finding.status, finding.reason) == ("not applicable", "it is not trained")
