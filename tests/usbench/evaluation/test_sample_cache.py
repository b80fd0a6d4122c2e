"""The cache of simulated samples gives each its own, whatever its id looks like and whatever happens to the files."""

from dataclasses import dataclass

import numpy as np
import pytest

import usbench
from usbench.core.dataset import Dataset
from usbench.core.sample import Sample
from usbench.core.untrusted import file_name, is_file_name
from usbench.evaluation.sample_cache import load_sample

IDS = ("a/b", "a_b", "A_b", "a b", "a%2Fb", "a%2fb", "..", ".", "con", "", "x" * 300, "x" * 301, "é", "e\u0301",
       "a\n", "../x", "a:b", "a.", "a", "a_b-0123456789abcdef")  # fmt: skip


@dataclass(frozen=True)
class Odd(Dataset):
    """Each sample has a grey of its own."""

    split: str = "test"
    name = "odd"
    card = usbench.load_dataset("simus-phantom").card

    def ids(self):
        return IDS

    def load(self, index):
        return Sample(id=IDS[index], image=np.full((8, 8), index / 50, np.float32))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("USBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_every_id_gets_its_own_image_twice(cache, tmp_path):
    for _ in range(2):
        for index, name in enumerate(IDS):
            sample = load_sample(Odd(), index)
            assert (sample.id, sample.image[0, 0]) == (name, np.float32(index / 50))
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert len({path.name.lower() for path in files}) == len(IDS)
    assert list(tmp_path.iterdir()) == [cache]


def test_a_file_of_another_sample_is_not_taken_for_it(cache):
    for index in range(2):
        load_sample(Odd(), index)
    one, other = sorted(path for path in cache.rglob("*.npz"))
    one.write_bytes(other.read_bytes())
    assert [load_sample(Odd(), index).image[0, 0] for index in range(2)] == [0, np.float32(0.02)]


def test_names_of_files_are_as_many_as_labels():
    names = [file_name(label) for label in IDS]
    assert len({name.lower() for name in names}) == len(IDS)
    assert all(is_file_name(f"x{name}") and not is_file_name("") for name in names)
    assert all(file_name(name) == name for name in ("test-0001", "natural+rayleigh", "nlm", "a_b"))
