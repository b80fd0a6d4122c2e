"""Real sets: the echo cine and a user's folder."""

import numpy as np
import pytest
from PIL import Image

import usbench
from usbench.core.errors import UsageError


def test_echo_is_the_scan_of_pydicoms_cine():
    from pydicom import examples

    dataset = usbench.load_dataset("echo")
    sample = dataset[0]
    assert (len(dataset), sample.id, sample.image.shape) == (24, "frame-01", (192, 255))
    assert sample.reference is None
    # the crop leaves out nothing of the sector: the rest of the frame is black but for annotations
    decoded = examples.ybr_color.pixel_array
    assert decoded.shape[:3] == (30, 240, 320)


def test_echo_rois_are_blood_pool_and_myocardium_on_every_frame():
    for sample in usbench.load_dataset("echo"):
        blood, muscle = (sample.image[sample.rois.masks[name]].mean() for name in ("blood_pool", "myocardium"))
        wall = sample.image[sample.rois.masks["apical_myocardium"]]
        assert muscle > 4 * blood
        assert wall.mean() > 3 * blood
        assert wall.std() / wall.mean() < 0.45
        assert sample.rois.contrast == (("blood_pool", "myocardium"),)


def test_echo_splits_share_no_frame_and_one_group():
    splits = {split: usbench.load_dataset("echo", split=split) for split in ("train", "val", "test")}
    assert not set(splits["val"].ids()) & set(splits["test"].ids())
    assert len(splits["train"]) == 0
    assert {sample.group for sample in splits["test"]} == {"apical"}


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
