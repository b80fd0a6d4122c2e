"""Every set over trees whose files are cut, renamed, of another size or made to harm: a sentence each, little
memory."""

import random
import shutil
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from trees import TREES

import usbench
from usbench.core.errors import UsbenchError

NAMES = sorted(TREES)


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    root = tmp_path_factory.mktemp("trees")
    for name in NAMES:
        if name == "echonet":
            pytest.importorskip("av")
        (root / name).mkdir()
        TREES[name](root / name)
    return root


def load_all(name: str, root: Path) -> list[str]:
    """Read every sample; return the sentences of those that cannot be, and fail on anything else."""
    try:
        dataset = usbench.load_dataset(f"{name}:{root}", whole=True)
        dataset.content_hash()
    except UsbenchError as error:
        return [str(error)]
    sentences = []
    for index in range(len(dataset)):
        try:
            sample = dataset[index]
        except UsbenchError as error:
            sentences.append(str(error))
        else:
            assert sample.image.size
            assert all(mask.shape == sample.image.shape for mask in sample.rois.masks.values())
    assert all("\n" not in sentence and len(sentence) < 1000 for sentence in sentences)
    return sentences


def huge_png(path: Path) -> None:
    """A picture of one pixel whose header claims 100,000 on a side."""
    Image.new("L", (1, 1)).save(path, format="PNG")
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    path.write_bytes(data)


def one_pixel(path: Path) -> None:
    Image.new("L", (1, 1), 200).save(path, format="JPEG" if path.suffix == ".jpg" else "PNG")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def swapped_bytes(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes(data[n ^ 1] if n ^ 1 < len(data) else data[n] for n in range(len(data))))


def rubbish(path: Path) -> None:
    path.write_bytes(random.Random(0).randbytes(500))


HARMS = {
    "empty": lambda path: path.write_bytes(b""),
    "half": half,
    "rubbish": rubbish,
    "swapped bytes": swapped_bytes,
    "one pixel": one_pixel,
    "huge": huge_png,
    "folder": lambda path: (path.unlink(), path.mkdir()),
    "gone": lambda path: path.unlink(),
    "dangling": lambda path: (path.unlink(), path.symlink_to("/nonexistent/file")),
    "renamed": lambda path: path.rename(path.with_name(f"{path.stem} (copy){path.suffix}")),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_harmed_is_a_sentence(trees, tmp_path, name, harm):
    files = sorted(file.relative_to(trees / name) for file in (trees / name).rglob("*") if file.is_file())
    pick = files[zlib.crc32(f"{name} {harm}".encode()) % len(files)]
    shutil.copytree(trees / name, tmp_path / "set")
    HARMS[harm](tmp_path / "set" / pick)
    if harm != "huge":
        load_all(name, tmp_path / "set")
        return
    tracemalloc.start()
    load_all(name, tmp_path / "set")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150_000_000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_byte_of_any_set(trees, tmp_path_factory, data):
    name = data.draw(st.sampled_from(NAMES))
    copy = tmp_path_factory.mktemp("changed") / "set"
    shutil.copytree(trees / name, copy)
    files = sorted(file for file in copy.rglob("*") if file.is_file())
    file = data.draw(st.sampled_from(files))
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, max(0, min(len(content), 400) - 1)))
        content[at : at + 1] = data.draw(st.binary(min_size=0, max_size=8))
    file.write_bytes(content)
    load_all(name, copy)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=30), max_size=6)
)
def test_odd_names_of_files_are_no_harm(trees, tmp_path_factory, names):
    copy = tmp_path_factory.mktemp("named") / "set"
    shutil.copytree(trees / "busi", copy)
    for name in names:
        if name not in (".", "..") and len(name.encode()) < 200:
            Path(copy / "Dataset_BUSI_with_GT" / "benign" / name).touch()
    assert len(usbench.load_dataset(f"busi:{copy}", whole=True)) >= 4


def test_a_folder_of_links_to_itself_ends(tmp_path):
    for number in range(20):
        (tmp_path / f"loop{number}").symlink_to(tmp_path, target_is_directory=True)
    assert load_all("hc18", tmp_path)


def test_a_mask_of_one_pixel_and_one_of_all(trees, tmp_path):
    copy = tmp_path / "set"
    shutil.copytree(trees / "udiat", copy)
    mask = np.zeros((96, 120), np.uint8)
    mask[40, 60] = 255
    Image.fromarray(mask).save(copy / "BUS/GT/000001.png")
    Image.fromarray(np.full((96, 120), 255, np.uint8)).save(copy / "BUS/GT/000002.png")
    dot, full = usbench.load_dataset(f"udiat:{copy}", whole=True)
    assert "lesion" not in dot.rois.masks
    assert "lesion_background" not in full.rois.masks
