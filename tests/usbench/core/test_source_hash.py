"""Hashes of source: code changes them, and prose does not."""

import pytest
from program_files import program

import usbench
from usbench.core.source_hash import source_hash, tree_hash
from usbench.registry import find

PLAIN = program("smooth")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (PLAIN.replace("A filter", "Another text"), True),
        (PLAIN.replace("  # half", ""), True),
        (PLAIN.replace('    """Return it smoothed."""\n', ""), True),
        (PLAIN.replace("image / 2", "image/2"), True),
        (PLAIN.replace("/ 2", "/ 3"), False),
        (PLAIN.replace("smooth", "blur"), False),
    ],
)
def test_only_code_counts(other, same):
    assert (tree_hash(PLAIN) == tree_hash(other)) is same


def test_a_base_class_counts_too():
    hashes = {source_hash(find("methods", name).target) for name in ("nlm", "lee", "dncnn", "nafnet")}
    assert len(hashes) == 4
    assert all(len(found) == 16 for found in hashes)


FILTER = program("half")


def version_of(folder, text):
    folder.mkdir()
    (folder / "half.py").write_text(text)
    return usbench.load_method(str(folder / "half.py")).version


def test_a_users_file_has_its_hash_as_version(tmp_path):
    first = version_of(tmp_path / "one", FILTER)
    assert version_of(tmp_path / "two", FILTER + "# a remark\n") == first
    assert version_of(tmp_path / "three", FILTER.replace("0.5", "0.25")) != first


def test_files_of_one_name_do_not_share_a_module(tmp_path):
    version_of(tmp_path / "one", FILTER)
    version_of(tmp_path / "two", FILTER.replace("0.5", "0.25"))
    import numpy as np

    results = [
        usbench.load_method(str(tmp_path / folder / "half.py")).despeckle_plane(np.ones((2, 2), np.float32))[0, 0]
        for folder in ("one", "two")
    ]
    assert results == [0.5, 0.25]


def test_a_version_that_is_stated_stays(tmp_path):
    stated = FILTER.replace('title="Half"', 'title="Half", version="3"')
    assert version_of(tmp_path / "one", stated) == "3"
    assert version_of(tmp_path / "two", stated.replace("0.5", "0.25")) == "3"
