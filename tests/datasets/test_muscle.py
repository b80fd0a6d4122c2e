"""The muscle phantom: bone and its shadow."""

import usbench


def test_nothing_returns_from_behind_bone():
    for sample in usbench.load_dataset("muscle", count=5):
        assert not sample.image[sample.rois.masks["behind_bone"]].any()
        assert (sample.image[sample.rois.masks["aponeurosis"]] > 0.85).all()
