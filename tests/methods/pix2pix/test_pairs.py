"""Training pairs: functions of their number, in range, and never of a held-out patient."""

import imageio.v3 as iio
import numpy as np
import pytest
from speckled_pairs import mixture
from usbench.methods.pix2pix.pairs import DespecklerPairs, ImagePool, vary

import usbench
from usbench.core.rng import generator
from usbench.io import image_files


@pytest.mark.parametrize("shape", [(40, 300), (128, 128), (540, 800)])
def test_views_have_the_size_are_in_range_and_repeat(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    views = [vary(image, generator("test", n), 128, turn=True) for n in range(10)]
    assert {view.shape for view in views} == {(128, 128)}
    assert min(view.min() for view in views) >= 0
    assert max(view.max() for view in views) <= 1
    assert np.array_equal(views[3], vary(image, generator("test", 3), 128, turn=True))
    assert not np.array_equal(views[3], views[4])


def test_despeckler_pairs_share_out_their_products():
    pool = ImagePool(sources=[usbench.load_dataset("shapes[count=2]", split="train")])
    pairs = DespecklerPairs([(pool, usbench.load_simulator(name)) for name in ("rayleigh", "varied")], 64)
    source, target = pairs(0)
    assert source.shape == target.shape == (64, 64)
    assert np.array_equal(pairs(5)[0], pairs(5)[0])
    # independent Rayleigh noise has no correlation from pixel to pixel, varied speckle has
    fine = [np.mean([_neighbours(*pairs(2 * n + k)) for n in range(6)]) for k in (0, 1)]
    assert fine[0] < 0.2 < fine[1]


def _neighbours(noisy: np.ndarray, clean: np.ndarray) -> float:
    noise = noisy - clean
    return float(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1])


def test_an_mri_volume_is_its_slices_on_one_grey_scale_without_the_empty_ones(tmp_path):
    import nibabel

    rng = np.random.default_rng(0)
    slices = [np.zeros((60, 50)), 500 * rng.random((60, 50)), 1000 * rng.random((60, 50))]
    volume = np.stack([plane.T for plane in slices], axis=-1).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), tmp_path / "brain.nii.gz")
    pool = ImagePool(image_files(tmp_path))
    assert len(pool) == 2
    assert pool.names() == ["brain.nii.gz#0", "brain.nii.gz#1"]
    assert pool[0].shape == (60, 50)
    np.testing.assert_allclose([pool[0].mean(), pool[1].mean()], [255 / 4, 255 / 2], rtol=0.05)
    order = np.argsort(slices[1].ravel())
    assert (np.diff(pool[0].ravel()[order].astype(int)) >= 0).all()


def test_a_volume_of_nothing_is_told(tmp_path):
    import nibabel

    nibabel.save(nibabel.Nifti1Image(np.zeros((20, 20, 3), np.float32), np.eye(4)), tmp_path / "air.nii")
    with pytest.raises(usbench.UsbenchError, match="None of the 3 images of .*air.nii shows anything"):
        len(ImagePool(image_files(tmp_path)))


def test_masks_and_annotations_are_not_images_to_learn_from(tmp_path):
    for name in ("images/1.png", "masks/1.png", "010_HC.png", "010_HC_Annotation.png", "benign (1)_mask.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        iio.imwrite(tmp_path / name, np.zeros((4, 4), np.uint8))
    assert [file.name for file in image_files(tmp_path)] == ["010_HC.png", "1.png"]


def test_a_real_frame_is_both_halves_of_its_pair_and_is_not_turned():
    pairs = mixture()
    for index in (1, 3, 5, 7):
        speckled, clean = pairs(index)
        assert speckled is clean
        assert np.all(np.diff(speckled[:, 0]) > 0)  # deeper downwards, as in the frame
        assert not pairs.has_clean(index)
    assert pairs.has_clean(0)
    assert not np.array_equal(*pairs(0))
