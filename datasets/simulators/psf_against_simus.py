"""Compare the convolution model with the radio-frequency simulation on the same scatterers.

`python -m usbench.datasets.simulators.psf_against_simus FIGURE.png` draws both and prints the measurements.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from usbench.core.errors import UsageError
from usbench.core.rng import generator
from usbench.core.sample import Sample
from usbench.core.simulated_set import SimulatedSet
from usbench.io.sample_folder import read_index, read_sample
from usbench.registry import load_dataset
from usbench.ultrasound.bmode import log_compress, log_expand
from usbench.ultrasound.speckle_model import scatter
from usbench.ultrasound.speckle_size import autocorrelation_widths

from ..rendered import SHIPPED
from .probe import probe
from .psf import Psf
from .simus import Scatterers, Simus

SHOWN = 3  # images in the picture
DRAWS = 8  # draws of the clutter, which changes the CNR of a faint cyst by a tenth
CLUTTER_DB = -9.3  # for three waves of the L11-5v, fitted to the anechoic cysts of the shipped samples


@dataclass(frozen=True)
class Measured:
    """Measurements of images that the two models are compared by.

    Attributes
    ----------
    ssnr
        Mean over standard deviation of the envelope, mean over the homogeneous regions.
    axial, lateral
        Full widths at half maximum of the envelope's autocorrelation in pixels, mean over the homogeneous regions.
    cnr
        Mean over the pairs of each contrast: difference of means over the root of the sum of variances, on the display.
    """

    ssnr: float
    axial: float
    lateral: float
    cnr: Mapping[str, float]


def psf_of(simus: Simus, shape: tuple[int, ...], spacing: tuple[float, float], clutter_db: float) -> Psf:
    """Return the convolution model of an array, with widths from its f-number, wavelength and bandwidth.

    `clutter_db` cannot be derived: it depends on the number of waves and on the array's side lobes far from the beam.
    """
    depth, _ = simus.axes(shape, spacing)
    axial, lateral = simus.point_spread_mm(depth)
    return Psf(axial=axial / spacing[0], lateral=lateral / spacing[1], clutter_db=clutter_db, noise_db=-200, bits=0)


def convolved(simus: Simus, psf: Psf, clean: Sample, scatterers: Scatterers, rng: np.random.Generator) -> np.ndarray:
    r"""Return the display of the convolution model on point scatterers, (axial, lateral) in [0, 1].

    A scatterer at depth :math:`z` is assigned to the nearest pixel with the phase :math:`e^{-2 i k z}` of its echo, so
    the envelope is that of the demodulated echoes. Clutter is random.
    """
    spacing = simus.spacing(clean)
    depth, lateral = simus.axes(clean.image.shape, spacing)
    down, across = psf.margins
    grid = np.zeros((depth.size + 2 * down, lateral.size + 2 * across), np.complex128)
    row = np.round((scatterers.depth - depth[0]) / (1e-3 * spacing[0])).astype(int) + down
    column = np.round((scatterers.lateral - lateral[0]) / (1e-3 * spacing[1])).astype(int) + across
    kept = (row >= 0) & (row < grid.shape[0]) & (column >= 0) & (column < grid.shape[1])
    wavenumber = 2 * np.pi / probe(simus.probe).wavelength
    np.add.at(
        grid, (row[kept], column[kept]), (scatterers.reflectivity * np.exp(-2j * wavenumber * scatterers.depth))[kept]
    )

    per_pixel = np.sqrt(
        np.mean(np.abs(grid) ** 2) / np.mean(simus.amplitude(clean) ** 2)
    )  # square root of the number of scatterers in a pixel
    clutter = psf.echoes(clean.image, clean.dynamic_range_db or psf.dynamic_range_db).clutter * per_pixel
    drawn = scatter(np.pad(clutter, [(down, down), (across, across)], mode="symmetric").astype(np.float32), rng)
    field = psf.field(np.stack([grid.real, grid.imag]).astype(np.float32) + drawn)
    envelope = np.hypot(field[0], field[1])
    return log_compress(envelope / envelope.max(), psf.dynamic_range_db)


def measure(samples: Sequence[Sample], images: Sequence[np.ndarray], dynamic_range_db: float) -> Measured:
    """Return the measurements over images of samples, whose regions have names that begin with their contrast."""
    texture: list[tuple[float, float, float]] = []
    cnr: dict[str, list[float]] = {}
    for sample, image in zip(samples, images, strict=True):
        envelope = log_expand(image.astype(np.float64), dynamic_range_db)
        for name in sample.rois.homogeneous:
            mask = sample.rois.masks[name]
            texture.append((envelope[mask].mean() / envelope[mask].std(), *autocorrelation_widths(envelope, mask)))
        for target, background in sample.rois.contrast:
            inside, outside = (image[sample.rois.masks[name]] for name in (target, background))
            value = abs(inside.mean() - outside.mean()) / np.hypot(inside.std(), outside.std())
            cnr.setdefault(target.partition("_")[0], []).append(value)
    ssnr, axial, lateral = np.mean(texture, axis=0)
    return Measured(float(ssnr), float(axial), float(lateral), {name: float(np.mean(v)) for name, v in cnr.items()})


def scatterers_of(product: SimulatedSet, index: int) -> tuple[Sample, Scatterers]:
    """Return a clean sample of `source+simus` and the scatterers of its image."""
    simus, clean = simus_of(product), product.source[index]
    return clean, simus.scatter(simus.amplitude(clean), simus.spacing(clean), product.noise(clean))


def simus_of(product: SimulatedSet) -> Simus:
    """Return the simulator of `source+simus`.

    Raises
    ------
    UsageError
        If it is another simulator.
    """
    if not isinstance(product.simulator, Simus):
        raise UsageError(f"{product.label} is not made by simus.")
    return product.simulator


def compare(
    product: SimulatedSet, samples: Mapping[str, Sample], clutter_db: float
) -> tuple[list[np.ndarray], Measured, Measured]:
    """Return the convolution model's images of simulated samples, and the measurements of the samples and the model.

    Those of the model are means over eight draws of the clutter, the first of which is in the images.

    Parameters
    ----------
    product
        `contrast-speckle+simus` with the parameters that the samples were made with.
    samples
        Samples by their id in `product`.
    clutter_db
        See `psf_of`.
    """
    ids, simus = list(product.ids()), simus_of(product)
    images: list[np.ndarray] = []
    for sample_id, sample in samples.items():
        clean, scatterers = scatterers_of(product, ids.index(sample_id))
        psf = psf_of(simus, sample.image.shape, simus.spacing(clean), clutter_db)
        images += [
            convolved(simus, psf, clean, scatterers, generator("clutter", sample_id, draw)) for draw in range(DRAWS)
        ]
    shown = list(samples.values())
    simulated = measure(shown, [sample.image for sample in shown], simus.dynamic_range_db)
    repeated = [sample for sample in shown for _ in range(DRAWS)]
    return images[::DRAWS], simulated, measure(repeated, images, simus.dynamic_range_db)


def shipped(array: str = "l11-5v") -> tuple[SimulatedSet, dict[str, Sample]]:
    """Return the simulated set and the samples, by id, of one array of the pre-rendered set."""
    folder = SHIPPED / array
    index = read_index(folder)
    product = load_dataset(index["dataset"], split=index["split"])
    if not isinstance(product, SimulatedSet):
        raise UsageError(f"{index['dataset']} is not a simulated set.")
    return product, {entry["id"]: read_sample(folder, entry) for entry in index["samples"]}


def main(picture: str) -> None:
    """Draw three shipped samples above the convolution model's, and print both measurements."""
    from PIL import Image

    product, samples = shipped()
    images, simulated, modelled = compare(product, samples, CLUTTER_DB)
    rows = [np.hstack(planes[:SHOWN]) for planes in ([sample.image for sample in samples.values()], images)]
    Image.fromarray(np.round(255 * np.vstack(rows)).astype(np.uint8)).save(picture)
    for name, first, second in _lines(simulated, modelled):
        print(f"{name:14} simus {first:6.3f}  psf {second:6.3f}  {100 * (second / first - 1):+5.1f} %")


def _lines(simulated: Measured, modelled: Measured) -> list[tuple[str, float, float]]:
    names = ("ssnr", "axial", "lateral")
    lines = [(name, getattr(simulated, name), getattr(modelled, name)) for name in names]
    return lines + [(f"cnr {name}", value, modelled.cnr[name]) for name, value in sorted(simulated.cnr.items())]


if __name__ == "__main__":
    main(sys.argv[1])
