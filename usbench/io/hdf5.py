"""HDF5, of which nothing is read that lies elsewhere.

External links and external storage name other files, and what is written into such a data set goes there. Files with
either are refused. A virtual data set is read if its sources are in the same file or beside it, and its result is a
plain data set.
"""

import shutil
from collections.abc import Iterator
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.io.layout import frames_first
from usbench.io.limits import check_size, most_pixels
from usbench.io.numpy_files import ArrayFile

if TYPE_CHECKING:
    import h5py

DEPTH = 4  # of virtual data sets whose sources are virtual
NODES = 100_000


class Hdf5File(ArrayFile):
    """HDF5 with one array that is an image or a stack of images."""

    @cached_property
    def _name(self) -> str:
        """The name of the image in the file."""
        import h5py

        with h5py.File(self.path, "r") as stored:
            names = [name for name, item in data_sets(stored, self.path).items() if _is_image(item)]
            if len(names) != 1:
                raise ImageError(
                    f"The file {self.path} holds {len(names)} arrays of two or more dimensions where one is expected."
                )
            self._check(stored[names[0]])
        return names[0]

    def _check(self, item: "h5py.Dataset") -> None:
        layout = frames_first(item.shape)
        sides = [item.shape[axis] for axis in layout.axes]
        tail = -(3 if layout.channels else 2)
        check_size(self.path, sides[tail:][:2], prod(sides[:tail]), item.dtype.itemsize * (layout.channels or 1))
        if item.chunks and prod(item.chunks) > 4 * most_pixels():
            raise ImageError(f"{self.path} has chunks of {prod(item.chunks):,} values, which are not read.")

    @cached_property
    def _data(self) -> np.ndarray:
        import h5py

        name = self._name
        with h5py.File(self.path, "r") as stored:
            return stored[name][()]

    @cached_property
    def _array(self) -> np.ndarray:
        return self._data

    def _as_stored(self, values: np.ndarray) -> np.ndarray:
        return values

    def write(self, target: Path, planes: Iterator[np.ndarray], derivation: str) -> None:
        """Write a copy of the file with another image; a virtual data set becomes a plain one."""
        import h5py

        name, result = self._name, self._result(planes)
        result = np.ascontiguousarray(self._as_stored(result)).astype(self._data.dtype)
        shutil.copyfile(self.path, target)
        with h5py.File(target, "r+") as made:
            data_sets(made, self.path)  # the copy is what is written into, so it is checked again
            item = made[name]
            if item.is_virtual:
                kept = dict(item.attrs)
                del made[name]
                made.create_dataset(name, data=result).attrs.update(kept)
            else:
                item[...] = result


def data_sets(stored: "h5py.File", path: Path, depth: int = 0) -> dict[str, "h5py.Dataset"]:
    """Return all data sets of a file by name, each once.

    Raises
    ------
    ImageError
        If the file refers to other files, except for virtual data sets with sources beside it.
    """
    import h5py

    found: dict[str, h5py.Dataset] = {}
    seen: set[Any] = set()
    waiting: list[tuple[str, h5py.Group]] = [("", stored)]
    while waiting:
        prefix, group = waiting.pop()
        for key in group:
            link = group.get(key, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise ImageError(f"The file {path} has a link into another file, which is not followed.")
            if isinstance(link, h5py.SoftLink):
                continue
            item = group[key]
            token = h5py.h5o.get_info(item.id).addr
            if token in seen:
                continue
            seen.add(token)
            if len(seen) > NODES:
                raise ImageError(f"The file {path} holds more than {NODES:,} objects.")
            if isinstance(item, h5py.Group):
                waiting.append((f"{prefix}{key}/", item))
            elif isinstance(item, h5py.Dataset):
                _check_storage(item, path, depth)
                found[f"{prefix}{key}"] = item
    return dict(sorted(found.items()))


def _check_storage(item: "h5py.Dataset", path: Path, depth: int) -> None:
    """Refuse a data set whose values are in another file, except for a virtual one with plain sources beside it."""
    import h5py

    if item.external:
        raise ImageError(f"The file {path} has values in another file (external storage), which is not read.")
    if not item.is_virtual:
        return
    if depth >= DEPTH:
        raise ImageError(f"The file {path} has virtual data sets of virtual data sets, more than {DEPTH} deep.")
    for source in item.virtual_sources():
        name = source.file_name
        if name == ".":
            inner = item.file
            if source.dset_name in inner and inner[source.dset_name] != item:
                _check_storage(inner[source.dset_name], path, depth + 1)
            continue
        beside = path.parent / name
        if "%" in name or Path(name).name != name or beside.is_symlink() or not beside.is_file():
            raise ImageError(f"The file {path} is virtual with a source that is not a file in its folder.")
        with h5py.File(beside, "r") as other:
            data_sets(other, beside, depth + 1)


def _is_image(item: "h5py.Dataset") -> bool:
    return item.dtype.kind in "uif" and len(item.shape or ()) >= 2 and min(item.shape) > 1
