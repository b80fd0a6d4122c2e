"""A user's folder: masks, references, regions, groups, splits, and the messages about them."""

import numpy as np
import pydicom
import pytest
from dicoms import region, written
from PIL import Image
from program_files import plugin_file
from pydicom.sequence import Sequence
from trees import disk, save, speckled, white

import usbench
from usbench.core.errors import UsageError


def load(path, **parameters):
    return usbench.load_dataset(f"folder:{path}", **parameters)


def test_masks_beside_images_are_no_images(tmp_path):
    left, right = disk(), disk()
    left[:, 60:] = right[:, :60] = False
    save(tmp_path / "benign (1).png", speckled(1))
    save(tmp_path / "benign (1)_mask.png", white(left))
    save(tmp_path / "benign (1)_mask_1.png", white(right))
    save(tmp_path / "scans/b.png", speckled(2))
    save(tmp_path / "scans/masks/b.png", white(disk()))
    dataset = load(tmp_path)
    assert dataset.ids() == ["benign (1).png", "scans/b.png"]
    for sample in dataset:
        assert np.array_equal(sample.rois.masks["target"], disk())
        assert sample.rois.contrast == (("target", "ring"),)
    assert not dataset.notes()


@pytest.mark.parametrize("name", ["a_mask.png", "a.bmp", "A/../a_mask_2.tif"])
def test_masks_in_a_folder_of_their_own_are_found_by_any_usual_name(tmp_path, name):
    save(tmp_path / "images/a.png", speckled(1))
    (tmp_path / "m/A").mkdir(parents=True)
    save(tmp_path / "m" / name, white(disk()))
    (sample,) = load(tmp_path / "images", masks=str(tmp_path / "m"))
    assert np.array_equal(sample.rois.masks["target"], disk())


def test_masks_that_belong_to_no_image_are_told(tmp_path):
    save(tmp_path / "images/a.png", speckled(1))
    save(tmp_path / "m/other.png", white(disk()))
    with pytest.raises(UsageError, match=r"No mask in .* has the name of an image.*other\.png"):
        load(tmp_path / "images", masks=str(tmp_path / "m"))
    save(tmp_path / "m/a.png", white(disk()))
    (tmp_path / "images/notes.txt").write_text("?")
    said = load(tmp_path / "images", masks=str(tmp_path / "m")).notes()
    assert any("1 masks belong to no image: other.png" in sentence for sentence in said)
    assert any("1 files of no known kind are left out: notes.txt" in sentence for sentence in said)


@pytest.mark.parametrize("layout", ["{region}/a.png", "a_{region}.png"])
def test_named_regions(tmp_path, layout):
    save(tmp_path / "images/a.png", speckled(1))
    elsewhere = np.roll(disk(), 45, axis=1) & ~disk()
    save(tmp_path / "m" / layout.format(region="lesion"), white(disk()))
    save(tmp_path / "m" / layout.format(region="background"), white(elsewhere))
    (sample,) = load(tmp_path / "images", masks=str(tmp_path / "m"), homogeneous="background")
    assert np.array_equal(sample.rois.masks["lesion"], disk())
    assert np.array_equal(sample.rois.masks["background"], elsewhere)
    assert sample.rois.contrast == (("lesion", "background"),)
    assert sample.rois.homogeneous == ("background",)


def test_pairs_are_measured_against_their_reference(tmp_path):
    for number in (1, 2):
        save(tmp_path / f"noisy/{number}.png", speckled(number))
        save(tmp_path / f"clean/{number}.tif", speckled(number) // 2)
    dataset = load(tmp_path / "noisy", reference=str(tmp_path / "clean"))
    assert dataset.kind == "simulated"
    assert np.allclose(dataset[1].reference, (speckled(2) // 2) / 255, atol=1e-6)
    frame = usbench.evaluate(usbench.load_method("identity"), dataset, [usbench.load_metric("psnr")])
    error = np.mean((speckled(1) / 255 - (speckled(1) // 2) / 255) ** 2)
    assert frame["psnr"][0] == pytest.approx(-10 * np.log10(error), abs=1e-3)
    (tmp_path / "clean/2.tif").unlink()
    with pytest.raises(UsageError, match=r"1 images have no reference.*2\.png"):
        load(tmp_path / "noisy", reference=str(tmp_path / "clean"))


def test_a_pair_of_deep_images_has_one_scale(tmp_path):
    noisy = speckled(1).astype(np.uint16) * 16
    save(tmp_path / "noisy/1.png", noisy)
    save(tmp_path / "clean/1.png", noisy // 8)
    (sample,) = load(tmp_path / "noisy", reference=str(tmp_path / "clean"))
    assert np.allclose(sample.image, noisy / 4095, atol=1e-6)
    assert np.allclose(sample.reference, (noisy // 8) / 4095, atol=1e-6)


def test_groups_and_splits(tmp_path):
    for name in ("train/p1_a.png", "val/p2_a.png", "test/p3_a.png", "test/p3_b.png"):
        save(tmp_path / "in" / name, speckled(1))
    dataset = load(tmp_path / "in", groups=r"/(p\d+)_", splits="folders")
    assert [sample.group for sample in dataset] == ["p3", "p3"]
    assert load(tmp_path / "in", splits="folders", split="val").ids() == ["val/p2_a.png"]
    table = tmp_path / "table.csv"
    table.write_text("image,group,split\n" + "".join(f"{name},g,val\n" for name in dataset._found.images))
    by_table = load(tmp_path / "in", groups=str(table), splits=str(table), split="val")
    assert {sample.group for sample in by_table} == {"g"}
    assert len(by_table) == 4
    before = by_table.content_hash()
    table.write_text(table.read_text().replace(",g,", ",h,"))
    assert load(tmp_path / "in", groups=str(table), splits=str(table)).content_hash() != before
    for wrong, sentence in (
        ({"groups": r"(x)"}, "finds no group"),
        ({"groups": r"("}, "no regular expression"),
        ({"splits": str(tmp_path / "none.csv")}, "cannot be read"),
        ({"groups": str(_file(tmp_path / "b.csv", "name,x\n1,2\n"))}, "no columns image and group"),
        ({"splits": str(_file(tmp_path / "c.csv", "image,split\np1_a.png,test\n"))}, "no value for the image"),
    ):
        with pytest.raises(UsageError, match=sentence):
            load(tmp_path / "in", **wrong)


def _file(path, text):
    path.write_text(text)
    return path


def test_each_bmode_region_of_a_dicom_file_is_a_sample(tmp_path):
    both = np.concatenate([speckled(1), speckled(2)], axis=1)
    regions = Sequence([region(0, 0, 119, 95, delta=0.02), region(120, 0, 239, 95, delta=0.04)])
    written(tmp_path / "IM_0001", both, SequenceOfUltrasoundRegions=regions)
    written(tmp_path / "one.dcm", speckled(3))
    dataset = load(tmp_path)
    assert dataset.ids() == ["IM_0001#1", "IM_0001#2", "one.dcm"]
    assert [sample.spacing for sample in dataset] == [(0.1, 0.2), (0.2, 0.4), None]
    for sample, seed in zip(dataset, (1, 2, 3), strict=True):
        assert np.array_equal(sample.image, speckled(seed) / np.float32(255))
    assert pydicom.dcmread(tmp_path / "IM_0001").Columns == 240


@pytest.mark.parametrize("name", ["a [b], c=d + e", "x[masks=y]", "plain", "1+1"])
def test_any_folder_name_can_be_given(tmp_path, name):
    save(tmp_path / name / "a.png", speckled(1))
    save(tmp_path / f"m {name}" / "a.png", white(disk()))
    for given in (f"folder:{tmp_path / name}", f"folder:{tmp_path / name}[masks={tmp_path / f'm {name}'}]"):
        dataset = usbench.load_dataset(given)
        assert dataset.path == str(tmp_path / name)
        assert len(dataset) == 1
    assert usbench.load_dataset(dataset.label).path == dataset.path
    assert len(dataset[0].rois.masks) == 2
    with pytest.raises(UsageError, match="has no parameter 'mask'"):
        usbench.load_dataset(f"folder:{tmp_path}/x[mask=y]")


def test_a_data_set_file_runs_like_a_method_file(tmp_path):
    file = plugin_file(tmp_path, "mine_set")
    for given, label in (
        (str(file), "Mine"),
        (f"{file}:Mine[count=3]+psf", "Mine[count=3]+psf"),
    ):
        dataset = usbench.load_dataset(given)
        assert dataset.label == label
        assert dataset[0].image.shape == (40, 40)
    with pytest.raises(UsageError, match=r"has no data set 'Other'"):
        usbench.load_dataset(f"{file}:Other")
    with pytest.raises(UsageError, match="does not exist"):
        usbench.load_dataset(f"{tmp_path}/none.py+psf")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    images, masks = tmp_path / "images", tmp_path / "masks"
    (images / "patient1").mkdir(parents=True)
    (masks / "patient1").mkdir(parents=True)
    for name in ("b.png", "patient1/a.png"):
        Image.fromarray(rng.integers(0, 200, (50, 60), dtype=np.uint8)).save(images / name)
    mask = np.zeros((50, 60), np.uint8)
    mask[20:30, 20:35] = 255
    Image.fromarray(mask).save(masks / "patient1" / "a.png")
    return tmp_path


def test_folder_reads_images_and_masks(folder):
    dataset = usbench.load_dataset(f"folder:{folder}/images", masks=str(folder / "masks"))
    assert dataset.ids() == ["b.png", "patient1/a.png"]
    plain, masked = dataset
    assert not plain.rois.masks
    assert masked.rois.masks["target"].sum() == 150
    ring = masked.rois.masks["ring"]
    assert not (ring & masked.rois.masks["target"]).any()
    assert ring[25, 12]
    assert not ring[25, 19]


def test_folder_content_is_in_its_hash(folder):
    before = usbench.load_dataset(f"folder:{folder}/images").content_hash()
    Image.fromarray(np.zeros((50, 60), np.uint8)).save(folder / "images" / "b.png")
    assert usbench.load_dataset(f"folder:{folder}/images").content_hash() != before


def test_folder_says_what_is_missing(tmp_path):
    with pytest.raises(UsageError, match="write folder:PATH"):
        usbench.load_dataset("folder")
    with pytest.raises(UsageError, match="does not exist"):
        usbench.load_dataset(f"folder:{tmp_path}/nosuch")
    with pytest.raises(UsageError, match="holds no image"):
        usbench.load_dataset(f"folder:{tmp_path}")


def test_a_mask_of_the_wrong_size_fails_its_image_only(folder):
    Image.fromarray(np.full((5, 6), 255, np.uint8)).save(folder / "masks" / "patient1" / "a.png")
    dataset = usbench.load_dataset(f"folder:{folder}/images", masks=str(folder / "masks"))
    frame = usbench.evaluate(usbench.load_method("identity"), dataset).set_index("sample")
    assert frame.loc["b.png", "status"] == "ok"
    assert frame.loc["patient1/a.png", "status"] == "failed"
    assert "5 x 6 where the image is 50 x 60" in frame.loc["patient1/a.png", "reason"]


def test_hc18_reads_in_its_own_layout(shared_data):
    dataset = usbench.load_dataset(f"folder:{shared_data}/hc18/training_set")
    assert dataset[0].image.shape == (540, 800)
