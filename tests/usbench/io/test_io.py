"""Reading and writing images: exact round trips, and one clear sentence for everything that is wrong."""

from pathlib import Path

import h5py
import nibabel
import numpy as np
import pytest
import scipy.io
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from trees import speckled

from usbench.core.errors import ImageError
from usbench.io import SUFFIXES, GreyImage, count_frames, read_frame, read_image, read_mask, write_image
from usbench.io.writers import WRITERS

PIXELS = np.random.default_rng(0).random((23, 31)).astype(np.float32)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
@pytest.mark.parametrize("bits", [8, 16, 32])
def test_round_trip_is_exact(tmp_path, suffix, bits):
    if (suffix == ".bmp" and bits > 8) or (suffix == ".png" and bits > 16):
        pytest.skip("the format has no such depth")
    path = tmp_path / f"image{suffix}"
    levels = 2**bits - 1 if bits <= 16 else None
    stored = (np.round(PIXELS * levels) / levels).astype(np.float32) if levels else PIXELS
    write_image(path, stored, like=GreyImage(stored, bits))
    read = read_image(path)
    assert read.bits == bits
    assert np.array_equal(read.pixels, stored)
    write_image(path, read.pixels, like=read)
    assert np.array_equal(read_image(path).pixels, stored)


def test_sixteen_bit_is_scaled_by_sixteen_bits(tmp_path):
    Image.fromarray(np.array([[0, 257, 65535]], np.uint16)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").pixels.tolist() == [[0, np.float32(257 / 65535), 1]]


def test_colour_becomes_luma_and_says_so(tmp_path):
    picture = np.zeros((8, 9, 3), np.uint8)
    picture[..., 1] = 255
    Image.fromarray(picture).save(tmp_path / "green.png")
    read = read_image(tmp_path / "green.png")
    assert read.was_colour
    assert np.allclose(read.pixels, 0.587, atol=1e-6)
    Image.fromarray(np.repeat(picture[..., 1:2], 3, axis=2)).save(tmp_path / "grey.png")
    assert not read_image(tmp_path / "grey.png").was_colour
    assert (read_image(tmp_path / "grey.png").pixels == 1).all()


def test_spacing_survives(tmp_path):
    write_image(tmp_path / "a.nii.gz", PIXELS, like=GreyImage(PIXELS, 32, spacing=(0.25, 0.5)))
    read = read_image(tmp_path / "a.nii.gz")
    assert read.spacing == (0.25, 0.5)
    assert np.array_equal(read.pixels, PIXELS)


def test_dicom_cine_gives_its_first_frame():
    from pydicom import examples

    read = read_image(examples.get_path("ybr_color"))
    assert read.pixels.shape == (240, 320)
    assert 0.2 < read.pixels.max() <= 1


def test_dicom_that_uses_twelve_bits_is_scaled_by_twelve_bits():
    from pydicom import examples

    stored = examples.mr.pixel_array
    read = read_image(examples.get_path("mr"))
    assert examples.mr.BitsStored == 16
    assert 1024 <= stored.max() < 4096
    assert np.allclose(read.pixels, np.clip(stored, 0, None) / 4095, atol=1e-6)
    assert read.spacing == tuple(float(v) for v in examples.mr.PixelSpacing)


def test_masks_of_any_convention(tmp_path):
    mask = np.zeros((9, 8), bool)
    mask[2:5, 3:6] = True
    Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "white.png")
    Image.fromarray(mask).save(tmp_path / "bit.png")
    Image.fromarray(mask.astype(np.uint8)).save(tmp_path / "label.png")
    noisy = np.where(mask, 200, 40).astype(np.uint8)
    Image.fromarray(noisy).save(tmp_path / "grey.png")
    for name in ("white", "bit", "label", "grey"):
        assert np.array_equal(read_mask(tmp_path / f"{name}.png"), mask), name


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.full((4, 4), np.nan), "not finite"),
        (np.full((4, 4), 300.0), r"values from 300 to 300 where \[0, 1\]"),
        (np.zeros((0, 4)), "empty"),
        (np.full((4, 4), -3), "integers from -3"),
        (np.zeros((4, 4), complex), "complex128"),
        (np.zeros(4), r"shape \(4,\)"),
        (np.array([["a"]]), "where grey numbers are expected"),
    ],
)
def test_arrays_that_are_no_image_in_range(tmp_path, array, reason):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ImageError, match=reason):
        read_image(tmp_path / "a.npy")


def test_missing_unknown_and_empty_files(tmp_path):
    (tmp_path / "a.xyz").write_text("x")
    (tmp_path / "a.png").touch()
    for path, reason in (
        (tmp_path / "none.png", "does not exist"),
        (tmp_path, "is a directory"),
        (tmp_path / "a.xyz", "unknown kind"),
        (tmp_path / "a.png", "has no bytes"),
    ):
        with pytest.raises(ImageError, match=reason):
            read_image(path)
    with pytest.raises(ImageError, match="cannot be written"):
        write_image(tmp_path / "a.gif", PIXELS)
    with pytest.raises(ImageError, match="cannot be written"):
        write_image(tmp_path / "none" / "a.png", PIXELS)


def test_files_with_several_arrays_are_not_guessed(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"x": PIXELS, "y": PIXELS})
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["group/y"] = PIXELS, PIXELS
    for name in ("a.mat", "a.h5"):
        with pytest.raises(ImageError, match="holds 2 arrays"):
            read_image(tmp_path / name)


def test_a_picture_that_claims_to_be_huge_is_refused(tmp_path):
    Image.new("L", (1, 1)).save(tmp_path / "a.png")
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[16:24] = (60000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ImageError):
        read_image(tmp_path / "a.png")


def valid_file(folder: Path, suffix: str) -> bytes:
    path = folder / f"valid{suffix}"
    if suffix in WRITERS:
        write_image(path, PIXELS)
    elif suffix in (".jpg", ".jpeg"):
        Image.fromarray((255 * PIXELS).astype(np.uint8)).save(path)
    else:
        from pydicom import examples

        return Path(examples.get_path("mr")).read_bytes()[:9000]
    return path.read_bytes()


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_truncated_files_never_raise_anything_but_image_errors(tmp_path, suffix):
    data = valid_file(tmp_path, suffix)
    path = tmp_path / f"cut{suffix}"
    for length in range(1, len(data), max(20, len(data) // 60)):
        path.write_bytes(data[:length])
        try:
            read_image(path)
        except ImageError as error:
            assert str(path) in str(error)
            assert "\n" not in str(error)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@given(rubbish=st.binary(min_size=1, max_size=300), keep=st.integers(0, 200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_never_raises_anything_but_image_errors(tmp_path, suffix, rubbish, keep):
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(valid_file(tmp_path, suffix)[:keep] + rubbish)
    try:
        pixels = read_image(path).pixels
    except ImageError as error:
        assert "\n" not in str(error)
    else:
        assert pixels.ndim == 2
        assert pixels.size
        assert 0 <= pixels.min() <= pixels.max() <= 1


def test_nifti_stacks_and_tiff_pages_give_their_first_slice(tmp_path):
    stack = np.round(np.random.default_rng(1).random((3, 12, 10)) * 255).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
    nibabel.save(nibabel.Nifti1Image(stack.transpose(2, 1, 0), np.eye(4)), tmp_path / "a.nii")
    for name in ("a.tif", "a.nii"):
        assert np.allclose(read_image(tmp_path / name).pixels, stack[0] / 255, atol=1e-6)


def test_shared_sets_can_be_read(shared_data):
    for name, shape in (
        ("Dataset_BUSI_with_GT/benign", None),
        ("usgra/dataset/images", None),
        ("hc18/training_set", (540, 800)),
        ("pydicom_data", (480, 640)),
    ):
        files = [file for file in sorted((shared_data / name).iterdir()) if file.suffix.lower() in SUFFIXES][:5]
        assert files
        for file in files:
            pixels = read_image(file).pixels
            assert shape in (None, pixels.shape)
            assert pixels.max() > 0


STACK = np.stack([speckled(n) for n in range(5)])


def test_stacks_in_tiff_npy_and_hdf5(tmp_path):
    import h5py
    import tifffile

    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack")
    np.save(tmp_path / "a.npy", STACK)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["frames"] = STACK
    for name in ("a.tif", "a.npy", "a.h5"):
        assert count_frames(tmp_path / name) == 5
        assert np.array_equal(read_frame(tmp_path / name, 4)[0], STACK[4])
