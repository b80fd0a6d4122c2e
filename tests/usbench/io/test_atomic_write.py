"""A set of files is written all or nothing: whatever fails, those that were there stay."""

import os

import pytest

from usbench.io.atomic_write import staged

BEFORE = {"a.md": "old a", "figures/b.png": "old b", "mine.txt": "mine"}


@pytest.fixture
def folder(tmp_path):
    for name, text in BEFORE.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text(text)
    return tmp_path / "set"


def contents(folder) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def write(stage):
    (stage / "figures").mkdir()
    for name in ("a.md", "figures/b.png", "z.csv"):
        (stage / name).write_text("new")


def test_a_set_replaces_the_files_of_before_together(folder):
    with staged(folder) as stage:
        write(stage)
        assert contents(folder).items() >= BEFORE.items()
    assert contents(folder) == {"a.md": "new", "figures/b.png": "new", "z.csv": "new", "mine.txt": "mine"}
    assert sorted(path.name for path in folder.iterdir()) == ["a.md", "figures", "mine.txt", "z.csv"]


def test_an_error_leaves_what_was_there(folder):
    with pytest.raises(ValueError, match="no"), staged(folder) as stage:  # noqa: PT012
        write(stage)
        raise ValueError("no")
    assert contents(folder) == BEFORE


@pytest.mark.parametrize("failing", range(1, 6))
def test_a_move_that_fails_is_undone(folder, failing, monkeypatch):
    moves, replace = [], os.replace

    def fail_once(source, target):
        moves.append(target)
        if len(moves) == failing:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr("os.replace", fail_once)
    with pytest.raises(OSError, match="No space"), staged(folder) as stage:
        write(stage)
    assert contents(folder) == BEFORE


def test_a_folder_in_the_place_of_a_file_is_found_before_anything_moves(folder):
    (folder / "z.csv").mkdir()
    with pytest.raises(IsADirectoryError), staged(folder) as stage:
        write(stage)
    assert contents(folder) == BEFORE


def test_a_folder_of_which_nothing_came_is_removed(tmp_path):
    with pytest.raises(ValueError), staged(tmp_path / "new"):  # noqa: PT011
        raise ValueError
    assert not list(tmp_path.iterdir())
