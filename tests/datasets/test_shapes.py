"""Shapes: the protocol of RECPAD, and splits that are disjoint."""

import numpy as np

import usbench


def test_shapes_follow_the_recpad_protocol():
    sample = usbench.load_dataset("shapes[count=2]")[1]
    grey = np.round(255 * sample.image)
    assert sample.image.shape == (256, 256)
    assert grey.min() == 5
    assert np.allclose(255 * sample.image, grey, atol=1e-4)
    assert (grey == 5).mean() > 0.1  # black background, lifted
    assert len(np.unique(grey)) > 40


def test_shapes_of_different_splits_differ_and_repeat():
    train, test = (usbench.load_dataset("shapes", split=split, count=3) for split in ("train", "test"))
    assert not set(train.ids()) & set(test.ids())
    assert train[0].input_hash != test[0].input_hash
    assert train[2].input_hash == usbench.load_dataset("shapes", split="train", count=99)[2].input_hash
