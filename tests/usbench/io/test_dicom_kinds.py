"""Compressed and odd DICOM as it is found: every file of pydicom's test data that lies here, video, and validity."""

import io
import shutil
import subprocess
import warnings
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from dicoms import written
from pydicom.data import get_testdata_files
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, pixel_array
from pydicom.uid import UID
from trees import speckled

from usbench.apply.run import rewrite
from usbench.core.errors import ImageError
from usbench.io import read_image
from usbench.io.dicom_codecs import register

FILES = sorted({Path(file) for file in get_testdata_files() if Path(file).is_file()})
# Masks of one bit, doses of 32 bits, and files that are cut short or damaged.
REFUSED = {
    "SC_rgb_rle_32bit.dcm", "SC_rgb_rle_32bit_2frame.dcm", "MR_truncated.dcm", "badVR.dcm", "liver_1frame.dcm",
    "liver_expb_1frame.dcm", "rtdose.dcm", "rtdose_1frame.dcm", "rtdose_expb.dcm", "rtdose_expb_1frame.dcm",
    "rtdose_rle.dcm", "rtdose_rle_1frame.dcm", "JPEG2000-embedded-sequence-delimiter.dcm",
}  # fmt: skip


def header_of(path: Path):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(path)
    except Exception:
        return None


def pictures() -> list[Path]:
    return [path for path in FILES if (header := header_of(path)) is not None and "Rows" in header]


def unchanged(image, spacing):
    return image


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", pictures(), ids=lambda path: path.name)
def test_real_files_are_kept_or_refused_in_a_sentence(tmp_path, source):
    target = tmp_path / source.name
    if source.name in REFUSED:
        with pytest.raises(ImageError, match=source.name):
            rewrite(source, target, unchanged, "test")
        return
    register()
    rewrite(source, target, unchanged, "test")
    before, after = pydicom.dcmread(source), pydicom.dcmread(target)
    was = pixel_array(before)
    if before.PhotometricInterpretation == "PALETTE COLOR":
        was = apply_color_lut(was, before)
        was = (was >> 8 if was.dtype.itemsize > 1 else was).astype(np.uint8)
    shown = pixel_array(after)
    assert was.shape == shown.shape
    assert np.array_equal(was, shown)
    gone = {
        "IconImageSequence",
        *(e.keyword for e in before if "PaletteColor" in e.keyword and after.SamplesPerPixel == 3),
    }
    lost = {element.keyword for element in before if element.tag not in after and element.tag.element != 0}
    assert lost <= gone
    assert after.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


ENCODERS = {
    "1.2.840.10008.1.2.4.57": lambda plane: imagecodecs.ljpeg_encode(plane),
    "1.2.840.10008.1.2.4.70": lambda plane: imagecodecs.ljpeg_encode(plane),
    "1.2.840.10008.1.2.4.80": lambda plane: imagecodecs.jpegls_encode(plane),
    "1.2.840.10008.1.2.4.90": lambda plane: imagecodecs.jpeg2k_encode(
        plane, level=0, reversible=True, codecformat="j2k"
    ),
}


@pytest.mark.parametrize("syntax", ENCODERS)
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_compressed_grey_is_decoded_without_more_packages(tmp_path, syntax, bits):
    grey = np.round(speckled(1) / 255 * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)
    path = written(tmp_path / "a.dcm", grey, bits=bits)
    dataset = pydicom.dcmread(path)
    dataset.PixelData = encapsulate([ENCODERS[syntax](grey)])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    assert np.allclose(read_image(path).pixels, grey / (2**bits - 1), atol=1e-6)
    rewrite(path, tmp_path / "b.dcm", unchanged, "test")
    assert np.array_equal(pydicom.dcmread(tmp_path / "b.dcm").pixel_array, grey)


def test_video_in_dicom_is_decoded_to_its_frames(tmp_path):
    av = pytest.importorskip("av")
    stream = io.BytesIO()
    with av.open(stream, "w", format="h264") as container:
        video = container.add_stream("libx264", rate=25, options={"qp": "0"})
        video.width, video.height, video.pix_fmt = 120, 96, "yuv420p"
        for number in range(4):
            rgb = np.repeat(speckled(number)[..., None], 3, axis=-1)
            container.mux(video.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(video.encode())
    path = written(tmp_path / "a.dcm", np.zeros((4, 96, 120, 3), np.uint8), "RGB", FrameTime="40")
    dataset = pydicom.dcmread(path)
    dataset.PhotometricInterpretation = "YBR_PARTIAL_420"
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.4.102")
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    rewrite(path, tmp_path / "b.dcm", unchanged, "test")
    after = pydicom.dcmread(tmp_path / "b.dcm")
    assert after.pixel_array.shape == (4, 96, 120, 3)
    assert (after.PhotometricInterpretation, after.NumberOfFrames, after.FrameTime) == ("RGB", 4, 40)
    for number in range(4):
        assert np.abs(after.pixel_array[number, ..., 0].astype(int) - speckled(number)).mean() < 2
    dataset.NumberOfFrames = 9
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    with pytest.raises(ImageError, match="claims 9 frames and its video has 4"):
        rewrite(path, tmp_path / "c.dcm", unchanged, "test")


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("name", ["examples_rgb_color.dcm", "examples_palette.dcm", "examples_ybr_color.dcm"])
def test_results_are_as_valid_as_their_inputs(tmp_path, name):
    source = next(path for path in FILES if path.name == name)
    rewrite(source, tmp_path / "b.dcm", unchanged, "test")
    before, after = (
        set(subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True).stderr.splitlines())
        for path in (source, tmp_path / "b.dcm")
    )
    assert not {line for line in after - before if line.startswith("Error")}


def test_a_single_image_type_and_supplemental_palettes(tmp_path):
    path = written(tmp_path / "a.dcm", speckled(1), ImageType="ORIGINAL")
    rewrite(path, tmp_path / "b.dcm", unchanged, "test")
    assert list(pydicom.dcmread(tmp_path / "b.dcm").ImageType) == ["DERIVED", "PRIMARY"]
    source = next(path for path in FILES if path.name == "examples_palette.dcm")
    dataset = pydicom.dcmread(source)
    dataset.PaletteColorLookupTableUID = "1.2.3"
    dataset.save_as(tmp_path / "p.dcm")
    rewrite(tmp_path / "p.dcm", tmp_path / "q.dcm", unchanged, "test")
    assert not [element.keyword for element in pydicom.dcmread(tmp_path / "q.dcm") if "Palette" in element.keyword]
