"""Channel data of plane waves: PICMUS and CUBDL."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from usbench.core.dataset import DatasetCard
from usbench.core.errors import ImageError
from usbench.core.sample import Rois
from usbench.ultrasound.rf import display
from usbench.ultrasound.rois import structure_rois, window_rois

from .base import Picture, RealSet
from .hdf5 import array, number, opened
from .layouts import Entry, Pairs
from .plane_waves import PITCH, PlaneWaves, chosen_angles, envelope_of, image_axes

PICMUS_CARRIER = 5.208e6  # Hz; one of the files says 0
GROUP = "US/US_DATASET0000"


@dataclass(frozen=True)
class PlaneWaveSet(RealSet):
    """Base of sets of plane waves.

    Parameters
    ----------
    angles
        Number of waves that are compounded, spread evenly over the recorded ones; fewer give more clutter.
    """

    angles: Annotated[int, Field(ge=1, le=1000)] = 11

    def recording(self, file: Path) -> PlaneWaves:
        """Return the recording of a file."""
        raise NotImplementedError

    def read(self, entry: Entry) -> Picture:
        """Return the compounded B-mode image and the masks of known structures."""
        waves = self.recording(entry.image)
        depth, lateral = image_axes(waves)
        image = display(_envelope(self, entry.image, entry.image.stat().st_mtime_ns), self.dynamic_range_db)
        return Picture(image, self.structures(entry, depth, lateral), spacing=(1e3 * PITCH, 1e3 * PITCH))

    def structures(self, entry: Entry, depth: np.ndarray, lateral: np.ndarray) -> dict[str, np.ndarray]:
        """Return the masks of known structures."""
        return {}

    def lay_rois(self, entry: Entry, picture: Picture) -> Rois:
        """Return regions from the structures, or by rule; the image has no graphics and no borders."""
        everywhere = np.ones(picture.grey.shape, bool)
        if picture.structures:
            return structure_rois(picture.grey, everywhere, picture.structures, shrink=0.2)
        return window_rois(picture.grey, everywhere)


@dataclass(frozen=True)
class Picmus(PlaneWaveSet):
    """PICMUS: plane waves on phantoms, simulated and recorded, and on a carotid.

    `rf` and `iq` files of one target are two samples of one group. If the phantom file is beside the recording, its
    cysts are the structures, each against the ring at its depth.
    """

    name = "picmus"
    card = DatasetCard(
        title="PICMUS, plane waves",
        kind="real",
        anatomy="phantom",
        description="75 plane waves of a linear probe, delay-and-sum with f-number 1.75 on pixels of 0.1 mm, 60 dB. "
        "ROIs: the cysts that the phantom file states, else by rule on the image.",
        splits="all recordings are test; with whole=true every split is the whole set",
        groups="the target, simulated or recorded: rf and iq of it are one group",
        licence="free for research, to be cited",
        citation="Liebgott et al., IEEE IUS 2016",
        doi="10.1109/ULTSYM.2016.7728908",
        home="https://www.creatis.insa-lyon.fr/Challenge/IEEE_IUS_2016",
        size="4 phantoms and 2 carotids, rf and iq, 0.1 GB each",
    )
    layout = Pairs(
        image=r"(?P<kind>simulation|experiments|in_vivo)/(?P<target>[^/]+)/(?P<id>(?P<group>[^/]+)_dataset_(?:rf|iq))\.hdf5",
        masks=(r"\g<kind>/\g<target>/\g<group>_phantom.hdf5",),
        says="files experiments/contrast_speckle/contrast_speckle_expe_dataset_rf.hdf5 and the like",
    )

    def split_of(self, entry: Entry) -> str:
        """Return `test`."""
        return "test"

    def recording(self, file: Path) -> PlaneWaves:
        """Return the recording; for iq files without a modulation frequency the carrier is assumed."""
        with opened(file) as stored:
            group = stored.get(GROUP)
            if group is None:
                raise ImageError(f"The file {file} has no group {GROUP}.")
            angles = array(group, "angles", file).ravel()
            recorded = group["data/real"].shape[0] if "data/real" in group else angles.size
            if recorded != angles.size:
                raise ImageError(f"The file {file} holds {recorded} waves for {angles.size} angles.")
            use = chosen_angles(angles.size, self.angles)
            real = array(group, "data/real", file, use)
            iq = file.stem.endswith("_iq")
            signals = real + 1j * array(group, "data/imag", file, use) if iq else real
            carrier = number(group, ("modulation_frequency",), file, 0.0) or PICMUS_CARRIER
            geometry = array(group, "probe_geometry", file)
            start = array(group, "initial_time", file).ravel()
            return PlaneWaves(
                signals,
                angles[use],
                (geometry if geometry.shape[0] == 3 else geometry.T)[0],
                number(group, ("sampling_frequency",), file),
                carrier if iq else 0.0,
                number(group, ("sound_speed",), file, 1540.0),
                np.broadcast_to(start, angles.shape)[use] if start.size in (1, angles.size) else start,
            ).checked(str(file))

    def structures(self, entry: Entry, depth: np.ndarray, lateral: np.ndarray) -> dict[str, np.ndarray]:
        """Return the mask of the cysts in the phantom file."""
        if not entry.masks:
            return {}
        file = entry.masks[0]
        with opened(file) as stored:
            group = stored.get(GROUP)
            if group is None or "phantom_occlusionCenterX" not in group:
                return {}
            x, z, diameter = (
                array(group, f"phantom_occlusion{key}", file).ravel() for key in ("CenterX", "CenterZ", "Diameter")
            )
        circles = np.zeros((depth.size, lateral.size), bool)
        for centre_x, centre_z, across in zip(x, z, np.broadcast_to(diameter, x.shape), strict=True):
            circles |= np.hypot(lateral[None] - centre_x, depth[:, None] - centre_z) <= across / 2
        return {"cyst": circles} if circles.any() else {}


@dataclass(frozen=True)
class Cubdl(PlaneWaveSet):
    """CUBDL: plane waves of many scanners, one file per sequence.

    Files differ in names and axes: angles are in radians, in degrees or given as transmit directions, and samples or
    elements may come first. The axes are identified by their sizes.
    """

    name = "cubdl"
    card = DatasetCard(
        title="CUBDL, plane waves of many scanners",
        kind="real",
        anatomy="phantom",
        description="Delay-and-sum with f-number 1.75 on pixels of 0.1 mm, 60 dB. ROIs by rule on the image.",
        splits="by a hash of the sequence, half test, a tenth val, the rest train; with whole=true every split is all",
        groups="the sequence; those of one phantom or volunteer cannot be identified by their names",
        licence="user agreement of IEEE DataPort",
        citation="Hyun et al., IEEE TUFFC 68:3466, 2021",
        doi="10.21227/f0hn-8f92",
        home="https://ieee-dataport.org/competitions/challenge-ultrasound-beamforming-deep-learning-cubdl-datasets",
        size="576 sequences, some 100 GB",
    )
    layout = Pairs(
        image=r"(?:(?:[^/]*CUBDL[^/]*|Plane_Wave_Data)/)?(?:[^/]+/)?(?P<id>(?:MYO|TSH|UFL|EUT|INS|OSL|JHU)\d+)\.(?:hdf5|h5)",
        says="files such as MYO001.hdf5, TSH002.hdf5 or OSL010.hdf5",
    )

    def recording(self, file: Path) -> PlaneWaves:
        """Return the recording with its axes in the standard order."""
        with opened(file) as stored:
            angles = _cubdl_angles(stored, file)
            elements = _lateral(array(stored, "element_positions", file))
            item = array(stored, "channel_data", file)
            signals = _ordered(item, angles.size, elements.size, file)
            use = chosen_angles(angles.size, self.angles)
            demodulation = number(stored, ("modulation_frequency",), file, 0.0) if np.iscomplexobj(signals) else 0.0
            starts = array(stored, _first(stored, ("start_time", "channel_data_t0", "time_zero"), file), file).ravel()
            return PlaneWaves(
                signals[use],
                angles[use],
                elements,
                number(stored, ("sampling_frequency",), file),
                demodulation,
                number(stored, ("sound_speed",), file, 1540.0),
                np.broadcast_to(starts, angles.shape)[use] if starts.size in (1, angles.size) else starts,
            ).checked(str(file))


@lru_cache(maxsize=8)
def _envelope(dataset: PlaneWaveSet, file: Path, _changed: int) -> np.ndarray:
    found = envelope_of(dataset.recording(file), dataset.angles)
    found.setflags(write=False)
    return found


def _first(stored: Any, keys: tuple[str, ...], file: Path) -> str:
    for key in keys:
        if key in stored:
            return key
    raise ImageError(f"The file {file} has none of {', '.join(keys)}.")


def _cubdl_angles(stored: Any, file: Path) -> np.ndarray:
    """Return the angles in radians; values above pi / 2 are taken as degrees."""
    key = _first(stored, ("angles", "transmit_direction"), file)
    values = array(stored, key, file)
    if key == "transmit_direction" and values.ndim == 2:
        values = values[:, 0] if values.shape[1] <= 3 else values[0]
    values = values.ravel().astype(np.float64)
    return np.deg2rad(values) if np.abs(values).max(initial=0) > np.pi / 2 else values


def _lateral(positions: np.ndarray) -> np.ndarray:
    """Return the lateral positions of the elements from (elements, 3), (3, elements) or (elements,)."""
    if positions.ndim == 1:
        return positions
    return positions[:, 0] if positions.shape[1] <= 3 < positions.shape[0] else positions[0]


def _ordered(signals: np.ndarray, angles: int, elements: int, file: Path) -> np.ndarray:
    """Return signals as (angles, elements, samples), for any order in the file."""
    if signals.ndim == 2 and angles == 1:
        signals = signals[None]
    if signals.ndim == 3:
        for order in ((0, 1, 2), (0, 2, 1), (2, 1, 0), (1, 0, 2), (2, 0, 1), (1, 2, 0)):
            turned = signals.transpose(order)
            if turned.shape[:2] == (angles, elements):
                return turned
    found = " x ".join(map(str, signals.shape))
    raise ImageError(f"The channel data of {file} are {found} for {angles} angles and {elements} elements.")
