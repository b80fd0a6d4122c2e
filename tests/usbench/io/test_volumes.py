"""MetaImage, NIfTI stacks and cines: every frame, bounded memory, and a sentence for what is wrong."""

import tracemalloc
import zlib
from fractions import Fraction

import numpy as np
import pytest
from trees import metaimage, nifti, speckled

from usbench.core.errors import ImageError
from usbench.io import count_frames, iterate_frames, read_frame, read_image, read_values
from usbench.io.metaimage import read_voxels

STACK = np.stack([speckled(n) for n in range(5)])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("kind", ["uint8", "int16", "float32"])
def test_metaimage_of_any_kind(tmp_path, compressed, big, kind):
    array = STACK.astype(kind)
    path = metaimage(tmp_path / "a.mha", array, compressed=compressed, big=big, spacing=(0.3, 0.2, 1))
    voxels, header = read_voxels(path)
    assert np.array_equal(voxels, array)
    assert header.spacing == (0.3, 0.2, 1.0)
    assert count_frames(path) == 5
    assert read_frame(path, 2)[1] == (0.2, 0.3)
    if not (big and compressed):  # which ITK does not turn
        itk = pytest.importorskip("SimpleITK")
        assert np.array_equal(itk.GetArrayFromImage(itk.ReadImage(str(path))), array)


def test_the_metaimages_at_hand_are_what_itk_reads(shared_data):
    itk = pytest.importorskip("SimpleITK")
    for file in sorted([*shared_data.glob("pluslib/*.mh[ad]"), *shared_data.glob("itk_ultrasound/*.mha")]):
        assert np.array_equal(read_voxels(file)[0], itk.GetArrayFromImage(itk.ReadImage(str(file)))), file.name


HEADER = "NDims = 2\nDimSize = {size}\nElementType = {kind}\nCompressedData = {zip}\nElementDataFile = {data}\n"


@pytest.mark.parametrize(
    ("fields", "content", "reason"),
    [
        ({"size": "100000 100000"}, b"", "claims 10,000,000,000 bytes"),
        ({"size": "-3 5"}, b"", "which is none"),
        ({"size": "3"}, b"", "which is none"),
        ({"size": "a b"}, b"", "without a readable size"),
        ({"kind": "MET_BLOB"}, b"", "is not read"),
        ({"data": "../secret.raw"}, b"", "which is not a file in its folder"),
        ({"data": "/etc/passwd"}, b"", "which is not a file in its folder"),
        ({}, bytes(50), "cut short"),
        ({"zip": "True"}, b"rubbish", "damaged"),
        ({"zip": "True"}, zlib.compress(bytes(50)), "50 of 100 bytes are missing"),
        ({"size": "10 10\nNDims = 3"}, b"", "which is none"),
    ],
)
def test_metaimages_that_are_wrong(tmp_path, fields, content, reason):
    text = HEADER.format(**{"size": "10 10", "kind": "MET_UCHAR", "zip": "False", "data": "LOCAL"} | fields)
    (tmp_path / "a.mha").write_bytes(text.encode() + content)
    with pytest.raises(ImageError, match=reason):
        read_image(tmp_path / "a.mha")


def test_a_bomb_in_a_metaimage_takes_no_more_than_it_claims(tmp_path):
    text = HEADER.format(size="100 100", kind="MET_UCHAR", zip="True", data="LOCAL")
    (tmp_path / "a.mha").write_bytes(text.encode() + zlib.compress(bytes(200_000_000)))
    tracemalloc.start()
    assert read_values(tmp_path / "a.mha").shape == (100, 100)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_header_without_an_end_is_not_read_through(tmp_path):
    (tmp_path / "a.mha").write_bytes(b"Comment = " + b"x" * 5_000_000)
    with pytest.raises(ImageError, match="no whole header"):
        read_image(tmp_path / "a.mha")


def test_nifti_slices_are_turned_and_counted(tmp_path):
    path = nifti(tmp_path / "a.nii.gz", np.moveaxis(STACK, 0, -1))
    assert count_frames(path) == 5
    assert np.array_equal(np.stack(list(iterate_frames(path))), STACK)


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


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".mp4", ".mov"])
def test_cines_are_written_and_read_without_loss(tmp_path, suffix):
    pytest.importorskip("av")
    from usbench.io.video import video_rate, write_video

    path = tmp_path / f"a{suffix}"
    write_video(path, iter(STACK), Fraction(25))
    assert count_frames(path) == 5
    read = [frame if frame.ndim == 2 else frame[..., 0] for frame in iterate_frames(path)]
    assert np.array_equal(np.stack(read), STACK)
    assert video_rate(path) == 25
    with pytest.raises(ImageError, match="has 5 frames where frame 9"):
        read_frame(path, 9)
    data = path.read_bytes()
    for length in (0, 10, 200, len(data) // 2):
        path.write_bytes(data[:length])
        try:
            for frame in iterate_frames(path):
                assert frame.shape[:2] == STACK.shape[1:]
        except ImageError as error:
            assert "\n" not in str(error)


def test_a_cine_without_the_decoder_is_one_sentence(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.avi").write_bytes(b"RIFF")
    with pytest.raises(ImageError, match="needs the package av"):
        read_image(tmp_path / "a.avi")
