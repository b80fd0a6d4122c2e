"""`usbench apply`: the same kind of file comes back, everything but the pixels as it was."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pydicom
import pytest
import scipy.io
from PIL import Image
from pydicom import examples
from trees import metaimage, nifti, speckled

import usbench
from usbench.apply.plan import make_jobs
from usbench.apply.run import apply_all
from usbench.cli.app import run_command
from usbench.core.errors import UsageError
from usbench.io import count_frames, read_image, read_values


def apply(source: Path, target: Path, method="median", **options) -> None:
    failed = apply_all(method, make_jobs([str(source)], target, **options))
    assert not failed, failed


def expected(image: np.ndarray) -> np.ndarray:
    method = usbench.load_method("median")
    method.prepare("cpu")
    from usbench.evaluation.evaluate import despeckle_sample

    return despeckle_sample(method, usbench.Sample("x", image.astype(np.float32)))


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".npy"])
@pytest.mark.parametrize("bits", [8, 16])
def test_pictures_keep_their_bits(tmp_path, suffix, bits):
    if suffix == ".bmp" and bits == 16:
        pytest.skip("the format has no such depth")
    image = speckled(1) if bits == 8 else speckled(1).astype(np.uint16) * 200 + 17
    source = tmp_path / f"in{suffix}"
    if suffix == ".npy":
        np.save(source, image)
    elif suffix == ".tif":
        import tifffile

        tifffile.imwrite(source, image, resolution=(300, 200), resolutionunit=3, description="carotid")
    else:
        Image.fromarray(image).save(source, dpi=(300, 300))
    apply(source, tmp_path / f"out{suffix}")
    result = read_values(tmp_path / f"out{suffix}")
    assert result.dtype == image.dtype
    white = 2**bits - 1
    assert np.array_equal(result, np.round(expected(image / white) * np.float64(white)).astype(image.dtype))
    if suffix == ".tif":
        with tifffile.TiffFile(tmp_path / "out.tif") as stored:
            page = stored.pages[0]
            assert page.tags["XResolution"].value[0] / page.tags["XResolution"].value[1] == 300
            assert page.description == "carotid"
    if suffix == ".png":
        assert Image.open(tmp_path / "out.png").info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_identity_returns_the_same_file_content(tmp_path):
    nifti(tmp_path / "v.nii.gz", np.stack([speckled(n) for n in range(3)], axis=-1))
    metaimage(tmp_path / "v.mha", np.stack([speckled(n) for n in range(3)]), compressed=True, spacing=(0.1, 0.2, 1))
    np.save(tmp_path / "v.npy", np.stack([speckled(n) for n in range(3)]) / np.float32(255))
    scipy.io.savemat(tmp_path / "v.mat", {"frames": np.stack([speckled(n) for n in range(6)], axis=-1), "fs": 4e6})
    apply(tmp_path, tmp_path / "out", method="identity")
    for name in ("v.nii.gz", "v.mha", "v.npy"):
        assert count_frames(tmp_path / "out" / name) == 3
        assert np.array_equal(read_values(tmp_path / "out" / name), read_values(tmp_path / name)), name
    assert (tmp_path / "out" / "v.mha").read_bytes().split(b"ElementDataFile")[0].count(b"ElementSpacing = 0.1 0.2 1")
    kept = scipy.io.loadmat(tmp_path / "out" / "v.mat")
    assert kept["fs"] == 4e6
    assert np.array_equal(kept["frames"][..., 2], speckled(2))


def test_nifti_keeps_its_geometry(tmp_path):
    import nibabel

    affine = np.array([[0.3, 0.1, 0, 5], [0, 0.2, 0, 6], [0, 0, 1.5, 7], [0, 0, 0, 1]])
    image = nibabel.Nifti1Image(np.stack([speckled(1).T] * 2, axis=-1), affine)
    image.header["descrip"] = b"carotid"
    nibabel.save(image, tmp_path / "a.nii")
    apply(tmp_path / "a.nii", tmp_path / "b.nii")
    result = nibabel.load(tmp_path / "b.nii")
    assert np.allclose(result.affine, affine)
    assert result.header["descrip"].item() == b"carotid"
    assert result.get_data_dtype() == np.uint8
    assert np.array_equal(np.asarray(result.dataobj)[..., 1].T, np.round(expected(speckled(1) / 255) * 255))


def test_hdf5_keeps_what_else_is_in_it(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["scan/image"] = speckled(1)
        file["scan/rate"] = 4e6
        file["scan/image"].attrs["unit"] = "grey"
    apply(tmp_path / "a.h5", tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5") as file:
        assert file["scan/rate"][()] == 4e6
        assert file["scan/image"].attrs["unit"] == "grey"
        assert np.array_equal(file["scan/image"], np.round(expected(speckled(1) / 255) * 255))


@pytest.mark.parametrize("suffix", [".avi", ".mp4", ".mkv"])
def test_cines_keep_frames_and_rate(tmp_path, suffix):
    pytest.importorskip("av")
    from usbench.io.video import video_frames, video_rate, write_video

    write_video(tmp_path / f"a{suffix}", iter([speckled(n) for n in range(4)]), Fraction(30))
    apply(tmp_path / f"a{suffix}", tmp_path / f"b{suffix}")
    frames = list(video_frames(tmp_path / f"b{suffix}"))
    assert len(frames) == 4
    assert video_rate(tmp_path / f"b{suffix}") == 30
    last = frames[3] if frames[3].ndim == 2 else frames[3][..., 0]
    assert np.abs(last.astype(int) - np.round(expected(speckled(3) / 255) * 255)).max() <= 1


def test_coloured_pixels_and_alpha_stay(tmp_path):
    picture = np.dstack([np.repeat(speckled(1)[..., None], 3, axis=-1), np.full((96, 120), 77, np.uint8)])
    picture[10:14, 10:30, :3] = (255, 200, 0)
    Image.fromarray(picture).save(tmp_path / "a.png")
    apply(tmp_path / "a.png", tmp_path / "b.png")
    result = np.asarray(Image.open(tmp_path / "b.png"))
    assert (result[10:14, 10:30, :3] == (255, 200, 0)).all()
    assert (result[..., 3] == 77).all()
    assert np.ptp(result[40:, :, :3], axis=-1).max() == 0
    assert (result[40:, :, 0] != picture[40:, :, 0]).any()


DICOMS = {
    "ybr_color": (30, 240, 320, 3), "rgb_color": (240, 320, 3), "palette_color": (350, 800, 3), "mr": (64, 64),
    "jpeg2k": (480, 640, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", DICOMS)
def test_dicom_is_derived(tmp_path, name):
    source = Path(examples.get_path(name))
    if name in ("ybr_color", "mr"):
        apply(source, tmp_path / "out.dcm", method="identity")
    else:
        apply(source, tmp_path / "out.dcm")
    before, after = pydicom.dcmread(source), pydicom.dcmread(tmp_path / "out.dcm")
    assert after.pixel_array.shape == DICOMS[name]
    assert after.SOPInstanceUID != before.SOPInstanceUID == after.SourceImageSequence[0].ReferencedSOPInstanceUID
    assert after.SeriesInstanceUID != before.SeriesInstanceUID
    assert after.StudyInstanceUID == before.StudyInstanceUID
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.ImageType[0] == "DERIVED"
    assert list(after.ImageType)[1:] == list(before.ImageType)[1:]
    assert "usbench" in after.DerivationDescription
    assert ("median" in after.DerivationDescription) == (name not in ("ybr_color", "mr"))
    assert after.get("SequenceOfUltrasoundRegions") == before.get("SequenceOfUltrasoundRegions")
    assert after.get("FrameTime") == before.get("FrameTime")
    assert after.PatientName == before.PatientName
    if name == "mr":
        assert after.BitsStored == before.BitsStored
        assert np.array_equal(after.pixel_array, np.clip(before.pixel_array, 0, None))
    assert np.allclose(read_image(tmp_path / "out.dcm").spacing or 0, read_image(source).spacing or 0)


def test_monochrome1_stays_monochrome1(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("mr"))
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 0
    dataset.save_as(tmp_path / "a.dcm")
    apply(tmp_path / "a.dcm", tmp_path / "b.dcm", method="identity")
    after = pydicom.dcmread(tmp_path / "b.dcm")
    assert after.PhotometricInterpretation == "MONOCHROME1"
    assert np.array_equal(after.pixel_array, dataset.pixel_array)


def test_big_endian_dicom_and_one_series_stays_one(tmp_path):
    from pydicom.data import get_testdata_file

    big = Path(get_testdata_file("ExplVR_BigEnd.dcm", download=False))
    apply(big, tmp_path / "big.dcm", method="identity")
    assert (
        np.abs(pydicom.dcmread(tmp_path / "big.dcm").pixel_array.astype(int) - pydicom.dcmread(big).pixel_array).max()
        <= 255
    )
    dataset = pydicom.dcmread(examples.get_path("mr"))
    for number in (1, 2):
        dataset.SOPInstanceUID = f"1.2.3.{number}"
        (tmp_path / "series").mkdir(exist_ok=True)
        dataset.save_as(tmp_path / f"series/{number}.dcm")
    apply(tmp_path / "series", tmp_path / "derived")
    first, second = (pydicom.dcmread(tmp_path / f"derived/{number}.dcm") for number in (1, 2))
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_folders_keep_their_shape_and_nothing_is_overwritten(tmp_path):
    for name in ("one.png", "deep/two.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(speckled(1)).save(tmp_path / "in" / name)
    apply(tmp_path / "in", tmp_path / "out", panel=True)
    assert {file.relative_to(tmp_path / "out").as_posix() for file in (tmp_path / "out").rglob("*.png")} == {
        "one.png", "one-panel.png", "deep/two.png", "deep/two-panel.png",
    }  # fmt: skip
    assert Image.open(tmp_path / "out/one-panel.png").size == (2 * 120 + 4, 96)
    with pytest.raises(UsageError, match="--force replaces it"):
        make_jobs([str(tmp_path / "in")], tmp_path / "out")
    assert make_jobs([str(tmp_path / "in")], tmp_path / "out", force=True)
    assert len(make_jobs([str(tmp_path / "in" / "*.png")], tmp_path / "other")) == 1
    assert not list((tmp_path / "out").glob(".usbench-*"))


@pytest.mark.parametrize(
    ("inputs", "out", "sentence"),
    [
        (["in/a.png"], "in/a.png", "would replace an input"),
        (["in"], "in", "would replace an input"),
        (["in/a.png"], "b.dcm", "of the same kind"),
        (["in/a.png", "in/b.png"], "in/a.png", "is a file; 2 results need a folder"),
        (["nosuch.png"], "out", "does not exist"),
        (["none/*.png"], "out", "There is no image in"),
        (["in/a.png", "again/a.png"], "out", "would both become"),
    ],
)
def test_wrong_usage_is_one_sentence(tmp_path, monkeypatch, capsys, inputs, out, sentence):
    monkeypatch.chdir(tmp_path)
    for name in ("in/a.png", "in/b.png", "again/a.png"):
        Path(name).parent.mkdir(exist_ok=True)
        Image.fromarray(speckled(1)).save(name)
    assert run_command(["apply", *inputs, "-m", "median", "-o", out, "--force"]) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.err.count("\n") == 1


def test_the_command_goes_on_after_a_bad_file_and_warns_of_persons(tmp_path, capsys):
    source = tmp_path / "in"
    source.mkdir()
    (source / "bad.png").write_bytes(b"no picture")
    dataset = pydicom.dcmread(examples.get_path("rgb_color"))
    dataset.BurnedInAnnotation = "YES"
    dataset.save_as(source / "scan.dcm")
    assert run_command(["apply", str(source), "-m", "identity", "-o", str(tmp_path / "out"), "--json"]) == 1
    captured = capsys.readouterr()
    about = json.loads(captured.out)
    assert [Path(name).name for name in about["written"]] == ["scan.dcm"]
    assert [Path(name).name for name in about["failed"]] == ["bad.png"]
    assert "PatientName" in captured.err
    assert "burnt-in annotation" in captured.err
    assert "cannot be read as .png" in captured.err


@pytest.mark.full
def test_several_processes_give_what_one_gives(tmp_path):
    for number in range(3):
        (tmp_path / "in").mkdir(exist_ok=True)
        Image.fromarray(speckled(number)).save(tmp_path / f"in/{number}.png")
    for workers in (1, 2):
        jobs = make_jobs([str(tmp_path / "in")], tmp_path / f"out{workers}")
        assert not apply_all("median", jobs, workers=workers)
    for number in range(3):
        one, two = ((tmp_path / f"out{workers}/{number}.png").read_bytes() for workers in (1, 2))
        assert one == two
