"""Real B-mode: a user's own directory of images, with optional masks."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from usbench.core.dataset import Dataset, DatasetCard, Split
from usbench.core.errors import UsageError
from usbench.core.sample import Rois, Sample
from usbench.io import SUFFIXES, read_image, read_mask
from usbench.io.kinds import suffix_of
from usbench.ultrasound.bmode import DEFAULT_DYNAMIC_RANGE_DB
from usbench.weights.shards import file_hash

RING = 12  # pixels; width of the background around the target


@dataclass(frozen=True)
class Folder(Dataset):
    """Every image under a directory, sorted by name.

    Parameters
    ----------
    path
        The directory.
    masks
        A directory with a mask of the target (lesion, vessel, cyst) for some or all images: the same relative name, any
        image suffix. The background is the ring of 12 pixels around the target. Without masks, only metrics that
        need no ROI are computed.
    dynamic_range_db
        Dynamic range of the scanner's log compression; used only by methods that work on the envelope.
    """

    name = "folder"
    card = DatasetCard(
        title="A user's directory",
        kind="real",
        description="Images of any readable format; ROIs from optional masks: the mask, and 12 pixels around it.",
        splits="every split is the whole directory",
        licence="the user's",
    )

    split: Split = "test"
    path: str = ""
    masks: str = ""
    dynamic_range_db: float = DEFAULT_DYNAMIC_RANGE_DB

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.path:
            raise UsageError("The folder set needs a directory: write folder:PATH.")
        for directory in filter(None, (self.path, self.masks)):
            if not Path(directory).expanduser().is_dir():
                raise UsageError(f"The directory {directory} does not exist.")
        if not self._files:
            raise UsageError(f"The directory {self.path} holds no image ({', '.join(sorted(SUFFIXES))}).")

    def ids(self) -> list[str]:
        """Return the paths of the images relative to the directory."""
        return list(self._files)

    def load(self, index: int) -> Sample:
        """Read image number `index` and its mask."""
        sample_id, file = list(self._files.items())[index]
        read = read_image(file)
        mask = self._mask_files.get(Path(sample_id).with_suffix("").as_posix())
        return Sample(
            id=sample_id,
            image=read.pixels,
            rois=_target_and_ring(mask) if mask else Rois(),
            spacing=read.spacing,
            dynamic_range_db=self.dynamic_range_db,
        )

    def content_hash(self) -> str:
        """Return a hash of the names and contents of all images and masks."""
        digest = hashlib.sha256()
        for name, file in [*self._files.items(), *sorted(self._mask_files.items())]:
            digest.update(f"{name} {file_hash(file)}\n".encode())
        return digest.hexdigest()[:16]

    @cached_property
    def _files(self) -> dict[str, Path]:
        return _images_under(Path(self.path).expanduser())

    @cached_property
    def _mask_files(self) -> dict[str, Path]:
        found = _images_under(Path(self.masks).expanduser()) if self.masks else {}
        return {Path(name).with_suffix("").as_posix(): file for name, file in found.items()}


def _images_under(root: Path) -> dict[str, Path]:
    files = (file for file in root.rglob("*") if suffix_of(file) in SUFFIXES and file.is_file())
    return {file.relative_to(root).as_posix(): file for file in sorted(files)}


def _target_and_ring(mask_file: Path) -> Rois:
    from scipy.ndimage import distance_transform_edt

    target = read_mask(mask_file)
    if not target.any():
        return Rois()
    distance = distance_transform_edt(~target)
    ring = (distance > 2) & (distance <= 2 + RING)
    return Rois(masks={"target": target, "ring": ring}, contrast=(("target", "ring"),))
