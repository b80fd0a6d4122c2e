"""Radio-frequency simulation: wires where they are and as wide as theory says, speckle as speckle is."""

import numpy as np
import pytest
from scipy.stats import kstest, rayleigh
from usbench.datasets.simulators.probe import OPENING, SPEED, Path, point_spread_mm, probe
from usbench.datasets.simulators.simus import Scatterers, Simus, beamform, echoes

import usbench
from usbench.core.errors import ImageError, UsageError
from usbench.ultrasound.speckle_size import autocorrelation_widths

DRAWS = 128
PRESETS = ("L11-5v", "P4-2v", "C5-2v")


def envelope(name: str, scatterers: Scatterers, depth, lateral, waves=1, f_number=1.75) -> np.ndarray:
    array = probe(name)
    parts = [
        beamform(array, path, echoes(array, path, scatterers), depth, lateral, f_number)
        for path in array.paths(waves, 8.0)
    ]
    return np.abs(np.sum(parts, axis=0))


def full_width(profile: np.ndarray, step: float) -> float:
    """Full width at half maximum by linear interpolation."""
    peak = int(profile.argmax())
    sides = []
    for side in (profile[peak:], profile[: peak + 1][::-1]):
        first = int(np.flatnonzero(side < profile[peak] / 2)[0])
        fraction = (side[first - 1] - profile[peak] / 2) / (side[first - 1] - side[first])
        sides.append(first - 1 + fraction)
    return step * sum(sides)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("place", [(0.0, 30e-3), (6e-3, 42e-3), (-5e-3, 24e-3)])
def test_a_wire_appears_where_it_is(name, place):
    step = 0.1e-3
    depth, lateral = place[1] + step * np.arange(-15, 16), place[0] + step * np.arange(-20, 21)
    wire = Scatterers(np.array([place[0]]), np.array([place[1]]), np.ones(1))
    image = envelope(name, wire, depth, lateral, waves=3)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert abs(row - 15) <= 1
    assert abs(column - 20) <= 1


@pytest.mark.parametrize("name", PRESETS)
def test_a_wire_is_as_wide_as_bandwidth_and_aperture_say(name):
    array = probe(name)
    param, z = array.param, 30e-3
    f_number = array.focusing(1.75, z)
    step = array.wavelength / 40
    depth, lateral = z + step * np.arange(-60, 61), 2 * step * np.arange(-90, 91)
    wire = Scatterers(np.zeros(1), np.array([z]), np.ones(1))
    image = envelope(name, wire, depth, lateral)
    row, column = np.unravel_index(image.argmax(), image.shape)

    frequency = np.linspace(0, 2 * param.fc, 801)
    spectrum = (
        param.getPulseSpectrumFunction()(2 * np.pi * frequency) * param.getProbeFunction()(2 * np.pi * frequency) ** 2
    )
    pulse = np.abs(np.exp(4j * np.pi * np.outer(depth - z, frequency) / SPEED) @ spectrum)
    assert full_width(image[:, column], step) == pytest.approx(full_width(pulse, step), rel=0.05)

    sine = np.linspace(-1, 1, 801)
    open_to = np.abs(np.tan(np.arcsin(sine.clip(-0.999, 0.999)))) <= 1 / (2 * f_number)
    aperture = open_to * np.sinc(param.width * sine / array.wavelength) * np.sqrt(1 - sine**2)
    beam = np.abs(np.exp(2j * np.pi * np.outer(lateral, sine) / array.wavelength) @ aperture)
    assert full_width(image[row], 2 * step) == pytest.approx(full_width(beam, 2 * step), rel=0.12)

    # the Gaussian is matched to the speckle, which is a little finer than a wire where the spectrum has a flat top
    axial, across = point_spread_mm(name, f_number)
    assert 0.8 < 2.355e-3 * axial / full_width(pulse, step) < 1.05
    assert 0.7 < 2.355e-3 * across / full_width(beam, 2 * step) < 1.05


def test_a_rectangular_aperture_has_the_width_of_its_sinc(monkeypatch):
    # elements without directivity: autocorrelation of sinc(x / (lambda F)) is itself, at sqrt(1/2) for 0.4430 lambda F
    array = probe("L11-5v")
    small = array.param.copy()
    small.width = 1e-9
    monkeypatch.setattr("usbench.datasets.simulators.probe.probe", lambda _name: type(array)(small, array.elements, -1))
    _, lateral = point_spread_mm("L11-5v", 4.0)
    assert 1e-3 * lateral == pytest.approx(0.4430 / np.sqrt(2 * np.log(2)) * array.wavelength * 4, rel=0.02)


def test_waves_reach_the_elements_when_they_fire_and_travel_at_the_speed_of_sound():
    for name in PRESETS:
        array = probe(name)
        paths = array.paths(3, 10.0)
        assert len(paths) == 3
        for path in paths:
            lateral, depth = array.elements[:2]
            start = path.length(lateral, depth)
            ahead = path.length(lateral + 1e-6 * np.sin(0.1), depth + 1e-6 * np.cos(0.1))
            assert (ahead > start).all()  # it leaves the array
    assert probe("P4-2v").apex == pytest.approx(-31.5 * 0.3e-3 / np.tan(OPENING))
    assert Path(0.0).length(np.array([3.0]), np.array([2.0])) == pytest.approx([2.0])
    assert Path(0.0, (0.0, -1.0)).length(np.array([3.0]), np.array([3.0])) == pytest.approx([5.0])
    assert probe("L11-5v").wavelength == pytest.approx(SPEED / 7.6e6)


@pytest.fixture(scope="module")
def speckle():
    """A homogeneous piece of 3.5 x 4.5 mm, one wave."""
    simus = Simus(pixel=0.05, waves=1)
    return simus, simus.simulate(np.full((70, 90), 0.5, np.float32), np.random.default_rng(3))


def test_speckle_is_fully_developed_and_as_wide_as_the_psf_says(speckle):
    simus, made = speckle
    field = 10 ** (3 * (made.image.astype(float) - made.reference))
    everywhere = np.ones(field.shape, bool)
    assert field.mean() / field.std() == pytest.approx(1.914, rel=0.06)
    widths = 0.05 * np.array(autocorrelation_widths(field**2, everywhere))
    expected = 2 * np.sqrt(2 * np.log(2)) * np.array(simus.point_spread_mm(np.array([10e-3, 14e-3])))
    assert widths == pytest.approx(expected, rel=0.12)
    scale = np.sqrt((field**2).mean() / 2)
    assert kstest(field[::4, ::9].ravel(), rayleigh(scale=scale).cdf).pvalue > 0.02


def test_the_reference_is_the_level_that_speckle_is_about(speckle):
    _, made = speckle
    assert np.ptp(made.reference) < 0.005  # what the time-gain compensation leaves
    assert made.image.mean() == pytest.approx(made.reference.mean(), abs=0.014)  # some 400 grains
    assert made.spacing == (0.05, 0.05)
    assert made.scan is None


@pytest.mark.slow
def test_the_reference_is_the_mean_of_many_displays():
    simus = Simus(pixel=0.05, waves=1)
    clean = np.full((70, 90), 0.5, np.float32)
    clean[20:50, 30:60] = 0.65
    made = [simus.simulate(clean, np.random.default_rng(seed)) for seed in range(DRAWS)]
    images = np.stack([one.image for one in made]).astype(np.float64)
    error = ((images.mean(0) - made[0].reference) ** 2 - images.var(0) / (DRAWS - 1)).mean()
    assert error < 10**-4.5  # 45 dB, without the error of so many draws


def test_there_are_ten_scatterers_in_a_resolution_cell():
    simus = Simus(pixel=0.1)
    scatterers = simus.scatter(np.ones((100, 100)), (0.1, 0.1), np.random.default_rng(0))
    axial, lateral = simus.point_spread_mm(np.array([10e-3, 20e-3]))
    area = 11.9**2  # 9.9 mm from the first pixel to the last, and 1 mm on each side
    assert scatterers.depth.size == round(10 * area / (2.3548**2 * axial * lateral))
    assert scatterers.reflectivity.std() == pytest.approx(1, rel=0.02)
    assert 1e3 * scatterers.depth.min() == pytest.approx(9, abs=0.05)


def test_it_takes_the_sources_pixels():
    product = usbench.load_dataset("muscle[count=1]+simus")
    assert product.simulator.spacing(product.source[0]) == (0.15, 0.15)
    assert Simus(pixel=0.2).spacing(product.source[0]) == (0.2, 0.2)
    assert Simus().spacing(usbench.Sample("x", np.zeros((4, 4)))) == (0.1, 0.1)


def test_what_the_array_cannot_see_is_refused():
    rng = np.random.default_rng(0)
    wide = usbench.Sample("wide", np.zeros((20, 300), np.float32), spacing=(1.0, 1.0))
    with pytest.raises(ImageError, match="300|299"):
        Simus().simulate_sample(wide, rng)
    deep = usbench.Sample("deep", np.zeros((300, 20), np.float32), spacing=(1.0, 1.0))
    with pytest.raises(ImageError, match="deep"):
        Simus().simulate_sample(deep, rng)
    with pytest.raises(UsageError, match="probe"):
        Simus(probe="L99")


def test_a_sector_is_black_outside_and_regions_are_cut_to_it():
    simus = usbench.load_simulator("simus[probe=P4-2v,density=0.05,top=5,waves=1]")
    product = usbench.load_dataset(
        f"contrast-speckle[count=1,height=64,width=64,pixel=1,rows=2,columns=2]+{simus.label}"
    )
    clean = product.source[0]
    made = simus.simulate_sample(clean, product.noise(clean))
    assert not made.scan[0, 0]
    assert made.scan[40, 32]
    assert not made.image[~made.scan].any()
    assert not made.reference[~made.scan].any()
    sample = product[0]
    assert np.array_equal(sample.image, made.image)
    assert 0 < len(sample.rois.masks) < 8
    assert all(not (mask & ~made.scan).any() for mask in sample.rois.masks.values())
