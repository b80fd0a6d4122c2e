"""What belongs to a sample on the disk: layouts, stated as patterns over the paths of a set's files."""

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
        Of the sample.
    image
        The file with the image.
    masks
        The files with its masks, none if it has none.
    group
        Patient or volume; the id if the set has none.
    split
        The set's own split, or empty.
    frame
        Number of the frame in a volume or a cine; -1 if the files hold one each.
    """

    id: str
    image: Path
    masks: tuple[Path, ...] = ()
    group: str = ""
    split: str = ""
    frame: int = -1


class Tree:
    """The files below a directory, as paths that begin with the directory's own name.

    So a pattern matches whether the user names the set's folder, the one above it or one inside. Links to folders are
    not followed: they may lead anywhere, or round in circles.

    Raises
    ------
    UsageError
        If the directory does not exist or holds too much to be a data set.
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
        """Return the file of a path of this tree."""
        return self.root / path.partition("/")[2]

    def find(self, pattern: str) -> list[str]:
        """Return the paths that a pattern names; `*` stands for any part of a file's name, never of a folder's."""
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
        Regular expression over a whole path below the set. Its groups: `id` (needed), `group` and `split` (if it has
        them).
    masks
        Templates for the paths of the masks, in which `\g<NAME>` is a group of `image` and `*` any part of a name. All
        files that are found belong to the mask.
    says
        What is expected, for the sentence when it is not there.
    needed
        Whether images without a mask are left out.
    """

    image: str
    masks: tuple[str, ...] = ()
    says: str = ""
    needed: bool = False

    def entries(self, tree: Tree) -> list[Entry]:
        """Return the samples in the order of their ids."""
        return in_order(filter(None, (self.entry(match, tree) for match in self.matches(tree))))

    def matches(self, tree: Tree) -> Iterator[re.Match[str]]:
        """Yield the matches of the image pattern."""
        pattern = re.compile(rf"(?P<before>(?:.*/)?){self.image}")
        yield from filter(None, map(pattern.fullmatch, tree.paths))

    def entry(self, match: re.Match[str], tree: Tree) -> Entry | None:
        """Return the entry of a match; None if it has no mask and needs one."""
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
        If two have the same id.
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
    """Return the template with the groups put in, their own wildcards made plain."""
    below = re.sub(r"\\g<(\w+)>", lambda name: glob.escape(groups[name[1]] or ""), template)
    return glob.escape(groups["before"] or "") + below
