"""Layouts: which files form a sample, stated as patterns over the paths of a set."""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path, PurePosixPath

from usbench.core.errors import UsageError

MOST_FILES = 2_000_000
SPLIT_NAMES = {"training": "train", "trainval": "train", "validation": "val", "valid": "val"}


@dataclass(frozen=True)
class Entry:
    """The files of one sample.

    Attributes
    ----------
    id
        Id of the sample.
    image
        File of the image.
    masks
        Files of its masks, possibly none.
    group
        Patient or volume; the id if the set has no groups.
    split
        The set's own split, or empty.
    frame
        Number of the frame in a volume or a cine; -1 if each file has a single frame.
    """

    id: str
    image: Path
    masks: tuple[Path, ...] = ()
    group: str = ""
    split: str = ""
    frame: int = -1


class Tree:
    """The files below a directory, as paths that start with the directory's own name.

    A pattern thus matches whether the user gives the set's folder, its parent or a folder inside. Links to folders are
    not followed, because they may lead anywhere or form cycles.

    Raises
    ------
    UsageError
        If the directory does not exist or has too many files to be a data set.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise UsageError(f"The directory {root} does not exist.")
        self.root = root.resolve()
        self.paths: list[str] = []
        self._by_folder: dict[str, list[str]] = {}
        for folder, folders, files in os.walk(self.root, followlinks=False):
            folders.sort()
            below = PurePosixPath(self.root.name, *Path(folder).relative_to(self.root).parts).as_posix()
            self._by_folder[below] = sorted(files)
            self.paths += [f"{below}/{file}" for file in self._by_folder[below]]
            if len(self.paths) > MOST_FILES:
                raise UsageError(
                    f"The directory {root} holds more than {MOST_FILES:,} files; name the set's own folder."
                )
        self._known = set(self.paths)

    def file(self, path: str) -> Path:
        """Return the file at a path of this tree."""
        return self.root / path.partition("/")[2]

    def find(self, pattern: str) -> list[str]:
        """Return the paths that match a pattern; `*` matches any part of a file's name, but not of a folder's."""
        pattern = os.path.normpath(pattern)
        if "*" not in pattern:
            plain = re.sub(r"\[(.)\]", r"\1", pattern)
            return [plain] if plain in self._known else []
        folder, _, name = pattern.rpartition("/")
        folder = re.sub(r"\[(.)\]", r"\1", folder)
        return [f"{folder}/{file}" for file in self._by_folder.get(folder, ()) if fnmatchcase(file, name)]


@dataclass(frozen=True)
class Pairs:
    r"""Images and their masks, found by name.

    Attributes
    ----------
    image
        Regular expression for the whole path below the set, with the groups `id` and optionally `group` and `split`.
    masks
        Templates for the paths of the masks, in which `\g<NAME>` is a group of `image` and `*` any part of a name. All
        files that are found belong to the mask.
    says
        Description of the expected files, for error messages.
    needed
        Whether images without a mask are left out.
    """

    image: str
    masks: tuple[str, ...] = ()
    says: str = ""
    needed: bool = False

    def entries(self, tree: Tree) -> list[Entry]:
        """Return the entries in the order of their ids."""
        return in_order(filter(None, (self.entry(match, tree) for match in self.matches(tree))))

    def matches(self, tree: Tree) -> Iterator[re.Match[str]]:
        """Yield the matches of the image pattern."""
        pattern = re.compile(rf"(?P<before>(?:.*/)?){self.image}")
        yield from filter(None, map(pattern.fullmatch, tree.paths))

    def entry(self, match: re.Match[str], tree: Tree) -> Entry | None:
        """Return the entry of a match, or None if it has no mask and needs one."""
        groups = match.groupdict()
        masks = [path for template in self.masks for path in tree.find(_filled(template, groups))]
        if self.needed and not masks:
            return None
        files = tuple(map(tree.file, dict.fromkeys(masks)))
        split = groups.get("split") or ""
        return Entry(
            id=groups["id"],
            image=tree.file(match[0]),
            masks=files,
            group=groups.get("group") or groups["id"],
            split=SPLIT_NAMES.get(split, split),
        )


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries sorted by id.

    Raises
    ------
    UsageError
        If two entries have the same id.
    """
    ordered = sorted(entries, key=lambda entry: entry.id)
    for first, second in pairwise(ordered):
        if first.id == second.id:
            raise UsageError(
                f"{first.image} and {second.image} would both be sample {first.id!r}; name one of the folders."
            )
    return ordered


def files_of(entries: Sequence[Entry]) -> list[Path]:
    """Return every file that entries refer to, once, in order."""
    return sorted({file for entry in entries for file in (entry.image, *entry.masks)})


def _filled(template: str, groups: dict[str, str | None]) -> str:
    """Return the template with the groups inserted, and wildcards in them escaped."""
    below = re.sub(r"\\g<(\w+)>", lambda name: glob.escape(groups[name[1]] or ""), template)
    return glob.escape(groups["before"] or "") + below
