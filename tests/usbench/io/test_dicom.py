"""DICOM of every photometric interpretation; ultrasound regions; what cannot be decoded is said."""

import numpy as np
import pydicom
import pytest
from dicoms import region, written
from pydicom import examples
from pydicom.sequence import Sequence
from trees import speckled

from usbench.core.errors import ImageError
from usbench.io import count_frames, iterate_frames, read_frame, read_image, read_with_colour
from usbench.io.dicom import dicom_regions, read_dicom_header

IMAGE = speckled(1)


def test_monochrome_1_and_2_are_each_others_negative(tmp_path):
    two = read_image(written(tmp_path / "a.dcm", IMAGE)).pixels
    one = read_image(written(tmp_path / "b.dcm", IMAGE, "MONOCHROME1")).pixels
    assert np.array_equal(two, IMAGE / np.float32(255))
    assert np.allclose(one, 1 - two, atol=1e-6)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_grey_is_scaled_by_its_stored_bits(tmp_path, bits):
    deep = IMAGE.astype(np.uint16) * (100 if bits == 16 else 4)
    read = read_image(written(tmp_path / "a.dcm", deep, bits=bits))
    assert np.allclose(read.pixels, deep / (2**bits - 1), atol=1e-6)


def test_rgb_and_ybr_give_the_same_luminance(tmp_path):
    rgb = np.repeat(IMAGE[..., None], 3, axis=-1)
    ybr = np.stack([IMAGE, np.full_like(IMAGE, 128), np.full_like(IMAGE, 128)], axis=-1)
    for photometric, pixels in (("RGB", rgb), ("YBR_FULL", ybr)):
        grey, colour = read_with_colour(written(tmp_path / f"{photometric}.dcm", pixels, photometric))
        assert np.allclose(grey.pixels, IMAGE / 255, atol=1e-6)
        assert colour is None


def test_palettes_are_applied(tmp_path):
    grey, colour = read_with_colour(examples.get_path("palette_color"))
    assert grey.was_colour
    assert colour is not None
    assert colour.shape == (350, 800, 3)


def test_every_frame_of_a_cine_is_read(tmp_path):
    frames = np.stack([speckled(n) for n in range(4)])
    path = written(tmp_path / "a.dcm", frames)
    assert count_frames(path) == 4
    assert np.array_equal(np.stack(list(iterate_frames(path))), frames)
    assert np.array_equal(read_frame(path, 3)[0], frames[3])
    with pytest.raises(ImageError, match="has 4 frames where frame 4"):
        read_frame(path, 4)
    assert count_frames(examples.get_path("ybr_color")) == 30
    assert read_frame(examples.get_path("ybr_color"), 29)[0].shape == (240, 320, 3)


def test_regions_of_a_whole_screen(tmp_path):
    items = Sequence([region(10, 20, 99, 80), region(0, 0, 119, 9, kind=13)])
    path = written(tmp_path / "a.dcm", IMAGE, SequenceOfUltrasoundRegions=items)
    (found,) = dicom_regions(read_dicom_header(path))
    assert (found.rows, found.columns) == (slice(20, 81), slice(10, 100))
    assert found.spacing == pytest.approx((0.1, 0.2))
    assert read_image(path).spacing == pytest.approx((0.1, 0.2))


def test_regions_recorded_before_the_pixels_were_halved():
    header = read_dicom_header(examples.get_path("ybr_color"))
    (found,) = dicom_regions(header)
    assert (found.rows, found.columns) == (slice(15, 208), slice(42, 298))
    assert found.spacing == pytest.approx((2 * 0.5104970559, 2 * 0.5104970559))


def test_regions_of_a_frame_that_was_cut_are_not_believed_but_their_pixel_size_is():
    header = read_dicom_header(examples.get_path("palette_color"))
    assert dicom_regions(header) == []
    assert read_image(examples.get_path("palette_color")).spacing == pytest.approx((0.2622878766, 0.2622878766))


@pytest.mark.parametrize("value", [None, "x", 10**9, -5])
def test_odd_regions_are_ignored(tmp_path, value):
    item = region(10, 20, 99, 80)
    if value is None:
        del item.RegionLocationMinX0
    elif isinstance(value, int):
        item.RegionLocationMaxX1 = abs(value)
        item.RegionLocationMaxY1 = abs(value) % 10**9
    else:
        item.PhysicalUnitsXDirection = 4
    path = written(tmp_path / "a.dcm", IMAGE, SequenceOfUltrasoundRegions=Sequence([item]))
    assert read_image(path).pixels.shape == IMAGE.shape


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.103", "1.2.3.4"])
def test_what_is_not_decoded_is_said(tmp_path, syntax):
    path = written(tmp_path / "a.dcm", IMAGE)
    dataset = pydicom.dcmread(path)
    dataset.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    with pytest.raises(ImageError, match=r"a\.dcm"):
        read_image(path)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"Rows": 60000, "Columns": 60000}, "claims 1 frames of 60000 x 60000"),
        ({"NumberOfFrames": 10**7}, "claims 10000000 frames"),
        ({"Rows": 0}, "no rows or columns"),
        ({"Rows": 5000}, "cut short"),
    ],
)
def test_headers_that_claim_too_much(tmp_path, tags, reason):
    with pytest.raises(ImageError, match=reason):
        read_image(written(tmp_path / "a.dcm", IMAGE, **tags))


def test_the_pelvis_at_hand(shared_data):
    path = shared_data / "pydicom_data" / "gdcm-US-ALOKA-16.dcm"
    regions = dicom_regions(read_dicom_header(path))
    assert [region.columns for region in regions] == [slice(32, 336), slice(336, 640)]
    assert read_image(path).spacing == pytest.approx((0.3826530650, 0.3826530650))
