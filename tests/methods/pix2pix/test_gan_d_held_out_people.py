"""`gan-d` on MRI of people whom no training saw, under speckle of two simulators and of one that only this file has."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter, map_coordinates
from usbench.methods.pix2pix.bmode_frames import is_held_out, patient
from usbench.methods.pix2pix.recipes import all_files
from usbench.methods.pix2pix.slices import training_images

from usbench import registry
from usbench.core.simulator import Simulated

pytestmark = pytest.mark.slow

LEAD = 1.5  # dB, over the best filter
SIDE = 160  # pixels
PEOPLE, TUNED_ON = 12, 4
GRIDS = {
    "srad": ("iterations", (40, 100, 200, 400)),
    "nlm": ("h", (0.05, 0.1, 0.2, 0.35)),
    "bm3d": ("sigma", (0.05, 0.1, 0.15, 0.2)),
    "tv": ("weight", (0.05, 0.1, 0.2, 0.3)),
}


class Sector:
    """A curved array: grains that grow with depth, two looks, an s-shaped grey map; the reference is a mean of draws.

    The map of echogenicity is resampled to rays from an apex above the image, gets its speckle there, and is converted
    back.
    """

    APEX, LOOKS, RANGE_DB, DRAWS = 0.6, 2, 55.0, 48  # the apex in image heights above the image

    def simulate(self, clean: np.ndarray, rng: np.random.Generator) -> Simulated:
        shown = [self._shown(clean, rng) for _ in range(1 + self.DRAWS)]
        return Simulated(shown[0], np.mean(shown[1:], axis=0, dtype=np.float32))

    def _shown(self, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        side = len(clean)
        above = self.APEX * side
        ray, depth = np.meshgrid(np.linspace(-0.75, 0.75, 2 * side), np.arange(2 * side) * 0.75)
        rows, columns = (above + depth) * np.cos(ray) - above, side / 2 + (above + depth) * np.sin(ray)
        amplitude = 10 ** (self.RANGE_DB / 20 * (map_coordinates(clean, [rows, columns], order=1, mode="nearest") - 1))
        looks = [gaussian_filter(amplitude * _circular(rng, amplitude.shape), (1.1, 1.6)) for _ in range(self.LOOKS)]
        envelope = np.mean([np.abs(look) for look in looks], axis=0) * np.sqrt(4 * np.pi * 1.1 * 1.6)
        grey = np.clip(0.85 + 20 * np.log10(envelope + 1e-9) / self.RANGE_DB, 0, 1)
        down, across = np.mgrid[:side, :side].astype(float)
        angle, distance = np.arctan2(across - side / 2, down + above), np.hypot(across - side / 2, down + above)
        places = [(distance - above) / 0.75, (angle + 0.75) / 1.5 * (2 * side - 1)]
        picture = map_coordinates(grey, places, order=1, mode="nearest")
        return (np.round(255 * picture**2 * (3 - 2 * picture)) / 255).astype(np.float32)


def _circular(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


def slices(folder, *, held_out: bool, count: int) -> list[np.ndarray]:
    """One slice of each person, float32 (160, 160) in [0, 1]."""
    people = {}
    for file in all_files([folder]):
        if is_held_out(file) == held_out:
            people.setdefault(patient(file), file)
    chosen = list(people.values())[:: max(1, len(people) // count)][:count]
    return [_middle(training_images(file)[0] / np.float32(255)) for file in chosen]


def _middle(image: np.ndarray) -> np.ndarray:
    image = np.pad(image, [(0, max(0, SIDE - extent)) for extent in image.shape])
    top, left = ((extent - SIDE) // 2 for extent in image.shape)
    return image[top : top + SIDE, left : left + SIDE]


def psnr(name: str, samples: list[Simulated]) -> float:
    method = registry.load_method(name)
    method.prepare("cpu")
    found = []
    for sample in samples:
        made = method.despeckle(torch.from_numpy(sample.image)[None, None])[0, 0].numpy().clip(0, 1)
        found.append(-10 * np.log10(np.mean((made - sample.reference) ** 2)))
    return float(np.mean(found))


@pytest.mark.parametrize("name", ["psf", "gan-s", "sector"])
def test_gan_d_leads_the_best_tuned_filter(name, shared_data):
    simulator = Sector() if name == "sector" else registry.load_simulator(name)
    test, tuning = (
        [
            simulator.simulate(clean, np.random.default_rng(number))
            for number, clean in enumerate(slices(shared_data / "mri_many", held_out=held_out, count=count))
        ]
        for held_out, count in ((True, PEOPLE), (False, TUNED_ON))
    )
    filters = []
    for method, (parameter, values) in GRIDS.items():
        settings = [f"{method}[{parameter}={value}]" for value in values]
        filters.append(psnr(max(settings, key=lambda setting: psnr(setting, tuning)), test))
    assert psnr("gan-d", test) > max(filters) + LEAD, (name, psnr("gan-d", test), filters)
