"""MetaImage: every frame, bounded memory, and a sentence for what is wrong."""

import tracemalloc
import zlib

import numpy as np
import pytest
from trees import metaimage, speckled

from usbench.core.errors import ImageError
from usbench.io import count_frames, read_frame, read_image, read_values
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
