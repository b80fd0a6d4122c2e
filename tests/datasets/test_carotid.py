"""The carotid phantom: lumen and wall."""

import numpy as np

import usbench


def test_the_lumen_is_anechoic_and_the_wall_has_three_layers():
    for sample in usbench.load_dataset("carotid", count=5):
        lumen = sample.rois.masks["lumen"]
        assert not sample.image[lumen].any()
        column = sample.image[:, 20]
        near = column[: int(np.flatnonzero(lumen[:, 20])[0])][::-1]
        wall = near[np.flatnonzero(near > 0)[0] :][:20]
        intima, adventitia = wall[:3].max(), wall[3:].max()
        assert wall[2:8].min() < min(intima, adventitia) - 0.2
