"""Public sets on the user's disk: list, add, download and show them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usbench import registry
from usbench.core.errors import UsageError
from usbench.core.sample import Sample
from usbench.public_data.index import added_root, read_index, write_index
from usbench.ultrasound.jpeg_traces import jpeg_history

if TYPE_CHECKING:
    from PIL.Image import Image

COLOURS = ((255, 70, 70), (70, 220, 70), (90, 150, 255), (255, 220, 0), (255, 80, 255), (0, 230, 230))
READ = 8  # samples that are read when a set is added
LEGEND = 18  # height in pixels of a line of text below the picture


def public_sets() -> dict[str, Any]:
    """Return the classes of all registered data sets that are read from the user's disk, by name."""
    return {name: target for name, target in registry.working("datasets").items() if hasattr(target, "list_entries")}


def overview() -> list[dict[str, Any]]:
    """Return a line for each public set: `name`, `title`, `licence`, `size`, `home`, `get`, `here`, `files`."""
    lines = []
    for name, target in public_sets().items():
        index = read_index(name) if added_root(name) else None
        card = target.card
        lines.append(
            {
                "name": name,
                "title": card.title,
                "licence": card.licence,
                "size": card.size,
                "home": card.home,
                "get": bool(target.downloads),
                "here": index["root"] if index else "",
                "files": len(index["files"]) if index else 0,
            }
        )
    return lines


def add_set(name: str, folder: Path, done: Callable[[int, int], None] = lambda _at, _of: None) -> dict[str, Any]:
    """Check a directory against the layout of a set, read a few samples of it, and index its files with their hashes.

    Parameters
    ----------
    name
        A public set.
    folder
        The downloaded directory: the set's own, the one above it or the one with the images.
    done
        Called with the number of files that are hashed, and of all files.

    Returns
    -------
    dict
        `name`, `root`, `files` (how many), `samples` (in all splits), `masks` (samples that have any), `jpeg` (a
        sentence).

    Raises
    ------
    UsageError
        If the name is unknown, or the directory has another layout.
    ImageError
        If a sample cannot be read.
    StoreError
        If the index cannot be written.
    """
    sets = public_sets()
    if name not in sets:
        registry.find("datasets", name)
        raise UsageError(f"The data set {name!r} is not read from the user's disk; see `usbench data list`.")
    dataset = sets[name].create({"path": str(folder), "whole": True})
    read = range(0, len(dataset), -(-len(dataset) // READ))
    traces = sum(jpeg_history(dataset[index].image).has_trace for index in read)
    files = dataset.files()
    counted = iter(range(1, len(files) + 1))
    write_index(name, dataset.root, dataset.version, files, lambda _: done(next(counted), len(files)))
    masked = sum(bool(entry.masks) for entry in dataset.everything)
    return {"name": name, "root": str(dataset.root), "files": len(files), "samples": len(dataset), "masks": masked} | {
        "jpeg": f"{traces} of {len(read)} images checked have traces of JPEG"
    }


def get_set(name: str, progress: Callable[[int, int], None] = lambda _here, _of: None) -> dict[str, Any]:
    """Download a set, if its licence and a stable address allow it, and add it; return the result of `add_set`.

    Raises
    ------
    UsageError
        If the set is unknown or must be downloaded by the user.
    StoreError
        If it cannot be downloaded.
    """
    from usbench.public_data.download import fetch

    target = public_sets().get(name)
    if target is None:
        registry.find("datasets", name)
        raise UsageError(f"The data set {name!r} is part of usbench; there is nothing to download.")
    if not target.downloads:
        where = f"get it from {target.card.home} ({target.card.licence})"
        raise UsageError(f"{name} is not downloaded by usbench: {where}, then `usbench data add {name} DIR`.")
    return add_set(name, fetch(name, target.downloads, progress))


def find_sample(name: str, sample: str, split: str | None = None) -> Sample:
    """Return a sample of any data set by its id or number; of a public set without a split, from all splits.

    Raises
    ------
    UsageError
        If the set has no such sample.
    """
    options = {} if split is None else {"split": split}
    if split is None and hasattr(registry.find("datasets", _plain(name)).target, "list_entries"):
        options = {"whole": "true"}
    dataset = registry.load_dataset(name, **options)
    return dataset[dataset.find(sample)]


def roi_picture(sample: Sample, zoom: int = 1) -> "Image":
    """Return the sample's image with its regions outlined, and below it a legend and the image's JPEG history."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont
    from scipy.ndimage import minimum_filter

    grey = np.round(255 * sample.image).astype(np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=-1).repeat(zoom, 0).repeat(zoom, 1)
    white = (255, 255, 255)
    lines = [(f"{sample.id}  group {sample.group}", white), (jpeg_history(sample.image).sentence, white)]
    for number, (name, mask) in enumerate(sample.rois.masks.items()):
        large = np.asarray(mask).repeat(zoom, 0).repeat(zoom, 1)
        colour = COLOURS[number % len(COLOURS)]
        pixels[large & ~minimum_filter(large, 3, mode="constant")] = colour
        values = sample.image[mask]
        role = "homogeneous, " if name in sample.rois.homogeneous else ""
        about = f"{name}: {role}{values.size} pixels, mean {values.mean():.3f}" if values.size else f"{name}: empty"
        lines.append((about, colour))
    width = max(pixels.shape[1], 420)
    picture = Image.new("RGB", (width, pixels.shape[0] + LEGEND * len(lines) + 4))
    picture.paste(Image.fromarray(pixels), (0, 0))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for number, (text, colour) in enumerate(lines):
        pen.text((4, pixels.shape[0] + 2 + LEGEND * number), text, fill=colour, font=font)
    return picture


def _plain(name: str) -> str:
    return name.partition("+")[0].partition(":")[0].partition("[")[0]


def wrong_with(name: str) -> str:
    """Return what is wrong with a set that was added; empty if its files are where they were."""
    index = read_index(name)
    if index is None:
        return ""
    root = Path(index["root"])
    missing = [file for file in index["files"] if not (root / file).is_file()]
    if not root.is_dir():
        return f"the directory {root} is gone"
    return f"{len(missing)} of its {len(index['files'])} files are missing, such as {missing[0]}" if missing else ""
