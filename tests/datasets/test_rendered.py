"""The pre-rendered set: small, complete, and refused if damaged."""

import json
import shutil

import numpy as np
import pytest
from usbench.datasets.rendered import SHIPPED

import usbench
from usbench.core.errors import ImageError, UsageError
from usbench.core.sample import Rois
from usbench.io.sample_folder import read_index, read_sample, write_index, write_sample


def test_the_shipped_set_is_below_five_megabytes_and_says_how_it_was_made():
    files = [file for file in SHIPPED.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 5 * 2**20
    folders = {folder.name: folder for folder in SHIPPED.iterdir() if folder.is_dir()}
    sources = {"c5-2v": "abdomen", "l11-5v": "contrast-speckle"}
    assert folders.keys() == sources.keys()
    for name, folder in folders.items():
        index = read_index(folder)
        assert index["command"].startswith(f"usbench data render '{sources[name]}[")
        assert "+simus" in index["dataset"]
        assert {file.name for file in folder.iterdir()} == {"index.json"} | {
            name for entry in index["samples"] for name in entry["files"]
        }


def test_samples_are_simulated_with_truth():
    dataset = usbench.load_dataset("simus-phantom")
    assert dataset.kind == "simulated"
    assert len(dataset) == len({sample.group for sample in dataset}) == 24
    assert not usbench.load_dataset("simus-phantom", split="train").ids()
    for sample in dataset:
        assert sample.image.shape == sample.reference.shape
        assert np.array_equal(sample.image, np.round(sample.image * 65535.0) / np.float32(65535))
        assert sample.dynamic_range_db == 60
        assert sample.spacing[0] == sample.spacing[1]
        assert sample.rois.contrast
        for target, background in sample.rois.contrast:
            if target.startswith(("anechoic", "gallbladder")):
                inside, outside = (sample.image[sample.rois.masks[name]] for name in (target, background))
                assert inside.mean() < outside.mean() - 0.1


def test_the_reference_is_the_mean_grey_of_regions():
    for sample in usbench.load_dataset("simus-phantom"):
        inside = [sample.rois.masks[name] for name in sample.rois.homogeneous]
        gaps = [float(sample.image[mask].mean() - sample.reference[mask].mean()) for mask in inside]
        assert abs(np.mean(gaps)) < 0.03


def test_speckle_of_the_shipped_phantoms_is_fully_developed():
    for sample in usbench.load_dataset("simus-phantom"):
        if not sample.id.startswith("l11"):
            continue
        ssnr = []
        for name in sample.rois.homogeneous:
            envelope = 10 ** (3 * sample.image[sample.rois.masks[name]].astype(float))
            ssnr.append(envelope.mean() / envelope.std())
        assert np.mean(ssnr) == pytest.approx(1.914, rel=0.1)


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    mask = np.zeros((20, 30), bool)
    mask[3:9, 4:11] = True
    masks = {f"roi{n}": np.roll(mask, n, axis=0) for n in range(18)}  # more than one picture holds
    image = rng.random((20, 30)).astype(np.float32)
    rois = Rois(masks, (("roi0", "roi9"),), ("roi3",), ((4, 5),))
    sample = usbench.Sample("a/b", image, image**2, rois, "patient", (0.1, 0.2), 50.0)
    write_index(tmp_path, {"split": "test", "dataset": "x"}, [write_sample(tmp_path, sample)])
    return tmp_path, sample


def test_a_sample_comes_back_as_it_was(folder):
    path, sample = folder
    again = usbench.load_dataset(f"simus-phantom:{path}")[0]
    assert np.abs(again.image - sample.image).max() < 1 / 65535
    assert np.abs(again.reference - sample.reference).max() < 1 / 65535
    assert again.rois.masks.keys() == sample.rois.masks.keys()
    assert all(np.array_equal(mask, sample.rois.masks[name]) for name, mask in again.rois.masks.items())
    for part in ("contrast", "homogeneous", "points"):
        assert getattr(again.rois, part) == getattr(sample.rois, part)
    assert (again.id, again.group, again.spacing, again.dynamic_range_db) == ("a/b", "x/patient", (0.1, 0.2), 50.0)


def test_several_renderings_in_one_folder_keep_their_names(folder, tmp_path):
    path, _ = folder
    both = tmp_path.parent / "both"
    for name in ("first", "second"):
        shutil.copytree(path, both / name)
    dataset = usbench.load_dataset(f"simus-phantom:{both}")
    assert dataset.ids() == ["first/a/b", "second/a/b"]
    assert {sample.group for sample in dataset} == {"x/patient"}


def test_what_is_damaged_is_refused_in_a_sentence(folder):
    path, _ = folder
    entry = read_index(path)["samples"][0]
    picture = path / "a_b.png"
    whole = picture.read_bytes()
    picture.write_bytes(whole[:-7])
    with pytest.raises(ImageError, match="is not the picture that was rendered"):
        read_sample(path, entry)
    picture.unlink()
    with pytest.raises(ImageError, match="cannot be read"):
        read_sample(path, entry)
    picture.write_bytes(whole)
    for key in ("files", "masks", "spacing", "contrast"):
        damaged = {name: value for name, value in entry.items() if name != key}
        with pytest.raises(ImageError, match="damaged entry"):
            read_sample(path, damaged)
    for text in ("", "[]", "{}", json.dumps({"samples": 3})):
        (path / "index.json").write_text(text)
        with pytest.raises(ImageError, match="not the index"):
            read_index(path)
    with pytest.raises(UsageError, match="no rendered set"):
        usbench.load_dataset(f"simus-phantom:{path / 'nothing'}")


def test_other_contents_have_another_hash(folder):
    path, sample = folder
    before = usbench.load_dataset(f"simus-phantom:{path}").content_hash()
    write_index(path, {"split": "test", "dataset": "y"}, [write_sample(path, sample)])
    assert usbench.load_dataset(f"simus-phantom:{path}").content_hash() != before
