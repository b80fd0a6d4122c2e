"""Sizes are read before pixels: what claims or unpacks to too much is refused in a sentence, in little memory."""

import gzip
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import h5py
import nibabel
import numpy as np
import pydicom
import pytest
import scipy.io
import tifffile
from dicoms import written
from PIL import Image
from program_files import program
from trees import speckled

from usbench.core.errors import ImageError, UsageError
from usbench.io import read_image

HUGE = 60_000


def png(folder: Path) -> Path:
    Image.fromarray(speckled(1)).save(folder / "a.png")
    data = bytearray((folder / "a.png").read_bytes())
    data[16:24] = struct.pack(">II", HUGE, HUGE)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    (folder / "a.png").write_bytes(data)
    return folder / "a.png"


def black_png(folder: Path) -> Path:
    raw = zlib.compress(bytes((HUGE + 1) * 2000), 9)
    head = struct.pack(">IIBBBBB", HUGE, HUGE, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", raw), (b"IEND", b"")]
    packed = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    (folder / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))
    return folder / "b.png"


def gif(folder: Path) -> Path:
    Image.fromarray(speckled(1)).save(folder / "a.gif")
    data = bytearray((folder / "a.gif").read_bytes())
    data[6:10] = struct.pack("<HH", HUGE, HUGE)
    (folder / "a.gif").write_bytes(data)
    return folder / "a.gif"


def tiff(folder: Path) -> Path:
    tile = zlib.compress(bytes(256 * 256), 9)
    tifffile.imwrite(
        folder / "a.tif", iter([tile] * 55225), shape=(HUGE, HUGE), dtype="u1", tile=(256, 256), compression=8
    )
    return folder / "a.tif"


def tiff_tile(folder: Path) -> Path:
    """A small page of one tile that is huge."""
    tile = zlib.compress(bytes(2**28), 9)
    tifffile.imwrite(folder / "t.tif", iter([tile]), shape=(64, 64), dtype="u1", tile=(16384, 16384), compression=8)
    return folder / "t.tif"


def nifti(folder: Path) -> Path:
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.uint8)
    header.set_data_shape((30_000, 30_000, 1))
    header["vox_offset"], header["magic"] = 352, b"n+1"
    (folder / "a.nii.gz").write_bytes(gzip.compress(header.binaryblock + bytes(4) + bytes(10**8), 9))
    return folder / "a.nii.gz"


def dicom(folder: Path) -> Path:
    return written(folder / "a.dcm", speckled(1), Rows=HUGE, Columns=HUGE)


def deflated(folder: Path) -> Path:
    path = written(folder / "d.dcm", speckled(1))
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True, implicit_vr=False, little_endian=True)
    content = path.read_bytes()
    place = 128 + 4 + 12 + int(pydicom.filereader.read_file_meta_info(path).FileMetaInformationGroupLength)
    squeeze = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = squeeze.compress(bytes(2**24)) + squeeze.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    path.write_bytes(content[:place] + 48 * block + squeeze.flush())
    return path


def hdf5(folder: Path) -> Path:
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("image", (HUGE, HUGE), "u1", chunks=(1000, 1000), compression="gzip")
    return folder / "a.h5"


def hdf5_frames(folder: Path) -> Path:
    with h5py.File(folder / "f.h5", "w") as file:
        file.create_dataset("image", (10**6, 300, 300), "u1", chunks=(100, 300, 300), compression="gzip")
    return folder / "f.h5"


def mat(folder: Path) -> Path:
    scipy.io.savemat(folder / "a.mat", {"image": np.zeros((10_000, 16_000), np.uint8)}, do_compression=True)
    return folder / "a.mat"


def npy(folder: Path) -> Path:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (HUGE, HUGE)})
    (folder / "a.npy").write_bytes(header.getvalue())
    return folder / "a.npy"


def npz(folder: Path) -> Path:
    header = npy(folder).read_bytes()
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("image.npy", header + bytes(10**8))
    return folder / "a.npz"


def metaimage(folder: Path) -> Path:
    text = (
        f"NDims = 2\nDimSize = {HUGE} {HUGE}\nElementType = MET_UCHAR\nCompressedData = True\nElementDataFile = LOCAL\n"
    )
    (folder / "a.mha").write_bytes(text.encode() + zlib.compress(bytes(10**8)))
    return folder / "a.mha"


def nrrd(folder: Path) -> Path:
    text = f"NRRD0004\ntype: uchar\ndimension: 2\nsizes: {HUGE} {HUGE}\nencoding: gzip\n\n"
    (folder / "a.nrrd").write_bytes(text.encode() + gzip.compress(bytes(10**8)))
    return folder / "a.nrrd"


BOMBS = (
    png, black_png, gif, tiff, tiff_tile, nifti, dicom, deflated, hdf5, hdf5_frames, mat, npy, npz, metaimage, nrrd,
)  # fmt: skip
MEASURE = program("memory_of_reading")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_a_bomb_is_refused_in_one_sentence_and_little_memory(tmp_path, make):
    path = make(tmp_path)
    command = [sys.executable, "-c", MEASURE, str(path)]
    done = subprocess.run(command, input="\n", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    said, _, used = done.stdout.strip().rpartition("\n")
    assert path.name in said, done.stdout
    assert "\n" not in said
    assert "not read" in said or "unpacks to more" in said
    assert int(used) < 500


def test_the_limit_can_be_set(tmp_path, monkeypatch):
    Image.fromarray(speckled(1)).save(tmp_path / "a.png")
    monkeypatch.setenv("USBENCH_MAX_PIXELS", "1000")
    with pytest.raises(ImageError, match=r"more than 1,000 a frame are not read \(USBENCH_MAX_PIXELS\)"):
        read_image(tmp_path / "a.png")
    monkeypatch.setenv("USBENCH_MAX_PIXELS", str(96 * 120))
    assert read_image(tmp_path / "a.png").pixels.shape == (96, 120)
    for wrong in ("0", "-1", "many", "1e9"):
        monkeypatch.setenv("USBENCH_MAX_PIXELS", wrong)
        with pytest.raises(UsageError, match="whole number above 0"):
            read_image(tmp_path / "a.png")
