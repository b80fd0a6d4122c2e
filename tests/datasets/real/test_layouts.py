"""Every set on a small tree of its layout, with the traps that each is known for."""

import numpy as np
import pytest
from trees import SIZE, TREES, disk, metaimage, save, speckled, white

import usbench
from usbench.core.errors import ImageError, UsageError

TARGETS = {
    "hc18": "head", "busi": "lesion", "udiat": "lesion", "bus-bra": "lesion", "brest": "tumor", "usgra": "vessel",
    "ccaui": "artery", "tn3k": "nodule", "ddti": "nodule", "fh-ps-aop": "head", "camus": "ventricle",
    "echonet": "ventricle", "oasbud": "lesion",
}  # fmt: skip
COUNTS = {
    "hc18": 3, "busi": 4, "udiat": 2, "bus-bra": 3, "brest": 2, "usgra": 2, "timtrack": 3, "cca": 2, "ccaui": 3,
    "tn3k": 4, "ddti": 2, "fh-ps-aop": 1, "camus": 6, "echonet": 3, "oasbud": 4,
}  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    def make(name):
        if name == "echonet":
            pytest.importorskip("av")
        TREES[name](tmp_path)
        return tmp_path

    return make


def whole(name, root, **parameters):
    return usbench.load_dataset(f"{name}:{root}", whole=True, **parameters)


@pytest.mark.parametrize("name", sorted(TREES))
def test_every_layout_is_read(tree, name):
    dataset = whole(name, tree(name))
    assert len(dataset) == COUNTS[name]
    samples = list(dataset)
    assert len({sample.id for sample in samples}) == len(samples)
    if name in TARGETS:
        found = [sample for sample in samples if TARGETS[name] in sample.rois.masks]
        assert found
        for sample in found:
            core = sample.rois.masks[TARGETS[name]]
            if name != "oasbud":
                assert sample.image.shape == SIZE
                assert (core & disk()).sum() == core.sum() > 300
            ring = sample.rois.masks[TARGETS[name] + "_background"]
            assert sample.image[core].mean() < sample.image[ring].mean() - 0.05
    else:
        assert samples[0].rois.contrast == (("bright", "dark"),)


@pytest.mark.parametrize("name", sorted(TREES))
def test_any_folder_of_the_tree_may_be_named(tree, name, tmp_path_factory):
    root = tree(name)
    ids = whole(name, root).ids()
    inner = root
    while len(below := [path for path in inner.iterdir() if path.is_dir()]) == 1 and len(list(inner.iterdir())) == 1:
        inner = below[0]
    assert whole(name, inner).ids() == ids
    above = tmp_path_factory.mktemp("above")
    root.rename(above / "copy")
    assert whole(name, above).ids() == ids


@pytest.mark.parametrize("name", sorted(TREES))
def test_another_folder_is_one_sentence(tmp_path, name):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(UsageError, match=f"is not the set {name}: it holds none of the"):
        usbench.load_dataset(f"{name}:{tmp_path}")
    with pytest.raises(UsageError, match="does not exist"):
        usbench.load_dataset(f"{name}:{tmp_path}/nosuch")
    with pytest.raises(UsageError, match=f"usbench data add {name} DIR"):
        usbench.load_dataset(name)


@pytest.mark.parametrize("name", sorted(TREES))
def test_splits_share_no_group(tree, name):
    root = tree(name)
    splits = {s: usbench.load_dataset(f"{name}:{root}", split=s).entries for s in ("train", "val", "test")}
    groups = {split: {entry.group for entry in entries} for split, entries in splits.items()}
    assert not groups["train"] & groups["test"]
    assert not groups["val"] & (groups["train"] | groups["test"])
    assert sum(map(len, splits.values())) == COUNTS[name]


def test_outlines_are_filled_and_filled_masks_stay(tree):
    dataset = whole("hc18", tree("hc18"))
    assert dataset.ids() == ["000_HC", "010_2HC", "010_HC"]
    first, second, third = (dataset.read(entry).structures["head"] for entry in dataset.everything)
    assert np.array_equal(first, disk())
    assert np.array_equal(second, disk())
    assert np.array_equal(third, disk())
    assert [sample.group for sample in dataset] == ["000", "010", "010"]
    assert [sample.spacing for sample in dataset] == [(0.069, 0.069), None, None]


def test_an_outline_with_a_gap_is_filled(tree):
    root = tree("hc18")
    from trees import outline

    drawn = outline(disk())
    drawn[47:49, 40] = 0
    save(root / "training_set/000_HC_Annotation.png", drawn)
    dataset = whole("hc18", root)
    assert dataset.read(dataset.everything[0]).structures["head"].sum() > 0.97 * disk().sum()


def test_masks_of_several_lesions_are_united_and_benign_1_is_not_benign_10(tree):
    dataset = whole("busi", tree("busi"))
    assert dataset.ids() == ["benign (1)", "benign (10)", "malignant (1)", "normal (1)"]
    masks = [dataset.read(entry).structures["lesion"] for entry in dataset.everything]
    assert np.array_equal(masks[0], disk())
    assert np.array_equal(masks[1], disk())  # twice as large and 1-bit in its file
    assert not masks[3].any()
    assert len(dataset.everything[0].masks) == 2
    assert dataset[3].rois.contrast == (("bright", "dark"),)


def test_a_mask_with_swapped_axes_is_refused(tree):
    root = tree("udiat")
    save(root / "BUS/GT/000001.png", white(disk()).T)
    with pytest.raises(ImageError, match="120 x 96 where the image is 96 x 120; its axes are swapped"):
        whole("udiat", root)[0]
    save(root / "BUS/GT/000001.png", white(disk())[:50])
    with pytest.raises(ImageError, match="50 x 120 where the image is 96 x 120"):
        whole("udiat", root)[0]


def test_jpeg_masks_are_cut_at_150(tree):
    dataset = whole("tn3k", tree("tn3k"))
    mask = dataset.read(dataset.everything[0]).structures["nodule"]
    assert (mask ^ disk()).sum() < 0.03 * disk().sum()
    assert {entry.id: dataset.split_of(entry) for entry in dataset.everything} == {
        "test-0000": "test", "test-0001": "test", "trainval-0000": "train", "trainval-0001": "val",
    }  # fmt: skip


def test_outlines_of_ddti_belong_to_their_image(tree):
    dataset = whole("ddti", tree("ddti"))
    first, second = (dataset.read(entry).structures for entry in dataset.everything)
    assert (first["nodule"] ^ disk()).sum() < 0.05 * disk().sum()
    assert not second
    assert [entry.group for entry in dataset.everything] == ["7", "7"]


def test_ddti_preprocessed(tmp_path):
    for name in ("1", "2"):
        save(tmp_path / f"2_preprocessed_data/stage1/p_image/{name}.PNG", speckled(1))
        save(tmp_path / f"2_preprocessed_data/stage1/p_mask/{name}.PNG", white(disk()))
    assert "nodule" in whole("ddti", tmp_path)[1].rois.masks


def test_broken_outlines_are_one_sentence(tree):
    root = tree("ddti")
    (root / "7.xml").write_text("<mark><image>1</image><svg>[{</svg></mark>")
    with pytest.raises(ImageError, match=r"The outlines .*7\.xml cannot be read"):
        whole("ddti", root)[0]


def test_labels_outside_the_scan_are_cut(tree):
    dataset = whole("fh-ps-aop", tree("fh-ps-aop"))
    structures = dataset.read(dataset.everything[0]).structures
    assert "symphysis" not in structures or not structures["symphysis"].any()
    assert structures["head"].any()


def test_camus_is_turned_and_split_by_patient(tree):
    root = tree("camus")
    dataset = whole("camus", root)
    assert dataset[0].image.shape == SIZE
    assert np.array_equal(dataset[0].image, speckled(1) / np.float32(255))
    assert [dataset.split_of(entry) for entry in dataset.everything] == ["train"] * 2 + ["val"] * 2 + ["test"] * 2
    frames = whole("camus", root, sequences=True)
    assert len(frames) == 9
    assert np.array_equal(frames[1].image, speckled(1) / np.float32(255))


def test_old_camus_in_mhd(tmp_path):
    folder = tmp_path / "training/patient0001"
    for name, array in (("ED", speckled(1)), ("ED_gt", disk().astype(np.uint8))):
        metaimage(folder / f"patient0001_4CH_{name}.mhd", array)
    assert "ventricle" in whole("camus", tmp_path)[0].rois.masks


def test_echonet_takes_the_traced_frames_and_its_own_split(tree):
    dataset = whole("echonet", tree("echonet"))
    assert dataset.ids() == ["0X1-0001", "0X1-0003", "0X2-0000"]
    assert np.array_equal(dataset[1].image, speckled(3) / np.float32(255))
    assert [dataset.split_of(entry) for entry in dataset.everything] == ["test", "test", "train"]
    ventricle = dataset.read(dataset.everything[0]).structures["ventricle"]
    assert (ventricle ^ disk()).sum() < 0.15 * disk().sum()


def test_oasbud_thins_lines_by_its_rate(tree):
    root = tree("oasbud")
    assert whole("oasbud", root)[0].image.shape == (96, 120)
    assert whole("oasbud", root, rate=20e6)[0].image.shape == (192, 120)
    assert whole("oasbud", root).ids() == ["001-1", "001-2", "002-1", "002-2"]


def test_two_copies_under_one_folder_are_refused(tree):
    import shutil

    root = tree("udiat")
    shutil.copytree(root / "BUS", root / "BUS2")
    with pytest.raises(UsageError, match="would both be sample '000001'"):
        whole("udiat", root)


def test_links_that_go_round_are_not_followed(tree):
    root = tree("udiat")
    (root / "BUS" / "loop").symlink_to(root, target_is_directory=True)
    assert len(whole("udiat", root)) == 2


def test_tumour_and_other_are_two_structures(tree):
    dataset = whole("brest", tree("brest"))
    assert set(dataset.read(dataset.everything[0]).structures) == {"tumor", "other"}
    other = dataset.read(dataset.everything[0]).structures["other"]
    assert not (dataset[0].rois.masks["tumor_background"] & other).any()


def test_content_hash_follows_any_file(tree):
    root = tree("udiat")
    before = whole("udiat", root).content_hash()
    assert whole("udiat", root).content_hash() == before
    save(root / "BUS/GT/000002.png", white(~disk()))
    assert whole("udiat", root).content_hash() != before
