"""Pictures for the page: of data whose licence allows it, with the regions, and none of a method that fails."""

import json

import numpy as np
import pytest
from PIL import Image

import usbench
from usbench.board.page.pictures import copy_pictures, read_pictures
from usbench.cli.app import run_command
from usbench.core.errors import MethodError, StoreError
from usbench.evaluation.sample_cache import load_sample
from usbench.figures.gallery import make_gallery, may_be_shown, outlines

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def phantom():
    return usbench.load_dataset("phantom[count=2]+psf", split="test")


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("generated", True),
        ("CC0", True),
        ("CC BY 4.0", True),
        ("BSD-3-Clause (PlusLib)", True),
        ("template: McConnell Brain Imaging Centre's permissive notice; re-drawn slices derive from it", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-NC-SA 4.0", False),
        ("free for research, to be cited", False),
        ("conflicting statements of its copies; the article is CC BY 4.0", False),
        ("not stated; its code is MIT", False),
        ("the user's", False),
    ],
)
def test_only_open_licences_are_shown(licence, allowed, phantom, monkeypatch):
    card = phantom.card.model_copy(update={"licence": licence})
    monkeypatch.setattr(type(phantom), "card", property(lambda self: card))
    assert may_be_shown(phantom) == allowed


def test_pictures_are_the_pixels_and_a_method_that_fails_has_none(phantom, tmp_path):
    def broken():
        raise MethodError("out of paint")

    told = []
    methods = {"identity": lambda: usbench.load_method("identity"), "broken": broken}
    (folder,) = make_gallery(methods, phantom, [1], tmp_path, told.append)
    about = json.loads((folder / "about.json").read_text())
    assert (about["dataset"], about["sample"]) == ("phantom[count=2]+psf", "test-0001")
    assert set(about["images"]) == {"input", "reference", "identity", "regions"}
    assert told == ["broken has no picture of test-0001: out of paint"]
    image = np.asarray(Image.open(folder / about["images"]["identity"]))
    np.testing.assert_array_equal(image, np.round(255 * load_sample(phantom, 1).image))
    regions = np.asarray(Image.open(folder / about["images"]["regions"]))[..., 1]
    np.testing.assert_array_equal(regions > 0, outlines(load_sample(phantom, 1)))


def test_an_uncertainty_has_a_picture_with_its_scale(phantom, tmp_path):
    class Unsure(type(usbench.load_method("identity"))):
        name = "<unsure>"

        def uncertainty(self, image):
            return image / 5

    class Silent(Unsure):
        def uncertainty(self, image):
            raise MethodError("it takes two draws.")

    told = []
    methods = {"<unsure>": Unsure, "silent": Silent, "identity": lambda: usbench.load_method("identity")}
    (folder,) = make_gallery(methods, phantom, [0], tmp_path, told.append)
    about = json.loads((folder / "about.json").read_text())
    assert about["white"] == {"uncertainty of <unsure>": 0.1}
    assert set(about["images"]) == {*methods, "uncertainty of <unsure>", "input", "reference", "regions"}
    picture = np.asarray(Image.open(folder / about["images"]["uncertainty of <unsure>"]))
    np.testing.assert_array_equal(
        picture, np.round(255 * np.minimum(load_sample(phantom, 0).image / 5 / np.float32(0.1), 1))
    )
    assert told == ["silent has no picture of its uncertainty on test-0000: it takes two draws."]


def test_without_an_uncertainty_nothing_is_said_of_it(phantom, tmp_path):
    (folder,) = make_gallery({"identity": lambda: usbench.load_method("identity")}, phantom, [0], tmp_path)
    assert "white" not in json.loads((folder / "about.json").read_text())


def test_every_set_has_its_leading_methods_in_the_page_before_any_has_more(tmp_path):
    rng, methods = np.random.default_rng(0), ("best", "a", "b", "input")
    for name in ("d", "e"):
        folder = tmp_path / "gallery" / name / "s0"
        folder.mkdir(parents=True)
        for method in methods:
            Image.fromarray(rng.integers(256, size=(40, 40), dtype=np.uint8)).save(folder / f"{method}.png")
        about = {"dataset": name, "split": "test", "sample": "s0", "images": {one: f"{one}.png" for one in methods}}
        (folder / "about.json").write_text(json.dumps(about))
    leading = {("d", "test"): ["best"], ("e", "test"): ["best"]}
    one = len(read_pictures(tmp_path, leading)[0]["images"]["a"])
    found = read_pictures(tmp_path, leading, int(5.5 * one))
    assert [set(sample["images"]) for sample in found] == [{"input", "best", "a"}, {"input", "best"}]
    assert found[1]["files"]["b"] == "pictures/e/s0/b.png"
    (folder / "a.png").unlink()
    with pytest.raises(StoreError, match="make them again"):
        copy_pictures(tmp_path, tmp_path / "out")


def test_the_folder_beside_the_page_has_every_picture_and_nothing_by_a_link(tmp_path):
    folder = tmp_path / "gallery" / "d" / "s0"
    folder.mkdir(parents=True)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(folder / "a.png")
    (folder / "about.json").write_text(json.dumps({"sample": "s0", "images": {"input": "a.png", "b": "b.png"}}))
    (folder / "b.png").symlink_to(folder / "a.png")
    with pytest.raises(StoreError, match="is a link"):
        copy_pictures(tmp_path, tmp_path / "out")
    (folder / "b.png").unlink()
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes())
    copy_pictures(tmp_path, tmp_path / "whole")
    assert {file.name for file in (tmp_path / "whole" / "pictures" / "d" / "s0").iterdir()} == {"a.png", "b.png"}


@pytest.mark.full
def test_the_command_and_the_page(tmp_path, capsys):
    rows = ["--results", str(tmp_path / "rows")]
    arguments = ["-m", "median", "-d", "phantom[count=1]+psf", "-d", "natural+rayleigh", "--limit", "1"]
    assert run_command(["run", *arguments, *rows, "--no-timing", "--workers", "1", "--json"]) == 0
    capsys.readouterr()
    assert run_command(["gallery", *rows]) == 0
    said = capsys.readouterr().out
    assert "natural+rayleigh: its licence" in said
    assert said.count("Wrote") == 1
    assert run_command(["tables", *rows, "--out", str(tmp_path / "boards")]) == 0
    page = (tmp_path / "boards" / "index.html").read_text(encoding="utf-8")
    assert (page.count("data:image/jpeg;base64,"), page.count("data:image/png;base64,")) == (4, 1)  # regions are exact
    assert len(list((tmp_path / "boards" / "pictures").glob("*/*/*.png"))) == 5
