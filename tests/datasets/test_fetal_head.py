"""The size of the fetal head."""

import numpy as np

import usbench


def test_the_heads_size_is_that_of_the_third_trimester():
    for sample in usbench.load_dataset("fetal-head", count=5):
        bright = sample.image > 0.9
        rows, columns = np.nonzero(bright)
        assert 60 < np.ptp(rows) * 0.5 < 105
        assert np.ptp(columns) * 0.5 > 30
