"""Nothing that a file names outside of itself is read or written: external storage, links, virtual sources, indexes."""

import os

import h5py
import numpy as np
import pydicom
import pytest
from dicoms import written
from pydicom.fileset import FileSet
from trees import speckled

from usbench.apply.plan import left_out, make_jobs
from usbench.apply.run import apply_all
from usbench.cli.app import run_command
from usbench.core.errors import ImageError

SHAPE = speckled(1).shape


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "elsewhere" / "accounts.bin"
    path.parent.mkdir()
    path.write_bytes(speckled(9).tobytes())
    return path


def stored_elsewhere(file, secret):
    file.create_dataset("image", SHAPE, "u1", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])


def beside_external(file, secret):
    file["image"] = speckled(1)
    file.create_dataset("other", (10,), "u1", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])


def link(file, secret):
    file["image"] = speckled(1)
    file["more"] = h5py.ExternalLink(str(secret), "/image")


def virtual(name):
    def make(file, secret):
        with h5py.File(secret.with_suffix(".h5"), "w") as other:
            other["data"] = speckled(9)
        layout = h5py.VirtualLayout(SHAPE, "u1")
        layout[...] = h5py.VirtualSource(name.format(secret=secret.with_suffix(".h5")), "data", SHAPE)
        file.create_virtual_dataset("image", layout)

    make.__name__ = "virtual"
    return make


HOSTILE = (
    stored_elsewhere,
    beside_external,
    link,
    virtual("{secret}"),
    virtual("../elsewhere/accounts.h5"),
)


@pytest.mark.parametrize("suffix", [".h5", ".mat"])
@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_hdf5_never_reaches_another_file(tmp_path, secret, capsys, make, suffix):
    path = tmp_path / "in" / f"a{suffix}"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        make(file, secret)
    before = secret.read_bytes()
    target = tmp_path / "out" / f"a{suffix}"
    assert run_command(["apply", str(path), "-m", "median", "-o", str(target)]) == 1
    assert secret.read_bytes() == before
    assert not target.exists()
    said = capsys.readouterr().err
    assert any(words in said for words in ("which is not read", "not followed", "not a file in its folder"))


def test_virtual_data_sets_beside_each_other_end(tmp_path):
    for one, other in (("a.h5", "b.h5"), ("b.h5", "a.h5")):
        layout = h5py.VirtualLayout(SHAPE, "u1")
        layout[...] = h5py.VirtualSource(other, "image", SHAPE)
        with h5py.File(tmp_path / one, "w") as file:
            file.create_virtual_dataset("image", layout)
    failed = apply_all("identity", make_jobs([str(tmp_path / "a.h5")], tmp_path / "out"))
    assert "virtual data sets of virtual data sets" in next(iter(failed.values()))


def test_a_link_to_another_file_is_no_source(tmp_path, secret):
    with h5py.File(secret.with_suffix(".h5"), "w") as other:
        other["data"] = speckled(9)
    os.symlink(secret.with_suffix(".h5"), tmp_path / "beside.h5")
    layout = h5py.VirtualLayout(SHAPE, "u1")
    layout[...] = h5py.VirtualSource("beside.h5", "data", SHAPE)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_virtual_dataset("image", layout)
    assert apply_all("identity", make_jobs([str(tmp_path / "a.h5")], tmp_path / "out"))


def test_a_dicomdir_stands_for_its_images(tmp_path):
    files = FileSet()
    for number in range(3):
        header = pydicom.dcmread(written(tmp_path / f"{number}.dcm", speckled(number)))
        header.PatientID, header.PatientName, header.Modality = "1", "A^B", "US"
        header.StudyDate, header.StudyTime, header.StudyID, header.StudyInstanceUID = "20200101", "10", "1", "1.2.3"
        header.SeriesNumber, header.SeriesInstanceUID, header.InstanceNumber = 1, "1.2.3.4", number
        files.add(header)
    files.write(tmp_path / "cd")
    jobs = make_jobs([str(tmp_path / "cd" / "DICOMDIR")], tmp_path / "out")
    assert len(jobs) == 3
    assert not apply_all("identity", jobs)
    assert {job.source for job in jobs} == {job.source for job in make_jobs([str(tmp_path / "cd")], tmp_path / "out2")}
    assert not left_out([str(tmp_path / "cd")])
    index = pydicom.dcmread(tmp_path / "cd" / "DICOMDIR")
    for record in index.DirectoryRecordSequence:
        if record.DirectoryRecordType == "IMAGE":
            record.ReferencedFileID = ["..", "0.dcm"]
    index.save_as(tmp_path / "cd" / "DICOMDIR")
    with pytest.raises(ImageError, match="not a file in its folder"):
        make_jobs([str(tmp_path / "cd" / "DICOMDIR")], tmp_path / "out3")


def test_what_is_left_out_of_a_folder_is_listed(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    written(tmp_path / "in/IM_0001", speckled(1))
    written(tmp_path / "in/1.2.840.1", speckled(2))
    (tmp_path / "in/report.txt").write_text("x")
    (tmp_path / "in/a.mhd").write_text(
        "NDims = 2\nDimSize = 120 96\nElementType = MET_UCHAR\nElementDataFile = a.raw\n"
    )
    (tmp_path / "in/a.raw").write_bytes(speckled(3).tobytes())
    assert run_command(["apply", str(tmp_path / "in"), "-m", "identity", "-o", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert "Wrote 3 of 3 files" in captured.out
    assert captured.err.count("report.txt") == 1
    assert "a.raw" not in captured.err
    made = tmp_path / "out"
    assert {file.name for file in made.iterdir()} == {"IM_0001", "1.2.840.1", "a.mhd", "a.raw"}
    assert np.array_equal(np.fromfile(made / "a.raw", np.uint8), speckled(3).ravel())
    assert pydicom.dcmread(made / "IM_0001").ImageType[0] == "DERIVED"
