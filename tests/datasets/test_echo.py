"""The echo cine: its scan, regions and splits."""

import usbench


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
