"""The convolution model against the radio-frequency simulation, on the same scatterers of the shipped set."""

import numpy as np
import pytest
from usbench.datasets.simulators.probe import probe
from usbench.datasets.simulators.psf_against_simus import CLUTTER_DB, compare, scatterers_of, shipped
from usbench.datasets.simulators.simus import Scatterers, beamform, echoes


@pytest.fixture(scope="module")
def both():
    product, samples = shipped()
    images, simulated, modelled = compare(product, samples, CLUTTER_DB)
    return samples, images, simulated, modelled


@pytest.mark.full
def test_speckle_is_as_strong_and_as_wide_within_ten_per_cent(both):
    _, _, simulated, modelled = both
    assert modelled.ssnr == pytest.approx(simulated.ssnr, rel=0.1)
    assert modelled.axial == pytest.approx(simulated.axial, rel=0.1)
    assert modelled.lateral == pytest.approx(simulated.lateral, rel=0.1)


@pytest.mark.full
def test_cysts_stand_out_alike(both):
    _, _, simulated, modelled = both
    assert set(simulated.cnr) == {"anechoic", "m6db", "m3db", "p3db", "p6db"}
    for contrast in ("anechoic", "m6db", "p6db"):
        assert modelled.cnr[contrast] == pytest.approx(simulated.cnr[contrast], rel=0.1)
    # cysts of 3 dB have a CNR with a large standard error: -7 % and -3 % measured
    faint = [[measured.cnr[contrast] for contrast in ("m3db", "p3db")] for measured in (simulated, modelled)]
    assert np.mean(faint[1]) == pytest.approx(np.mean(faint[0]), rel=0.1)
    assert faint[1] == pytest.approx(faint[0], rel=0.15)


@pytest.mark.full
def test_it_is_the_same_speckle_grain_by_grain(both):
    samples, images, _, _ = both
    inner = (slice(30, -30), slice(30, -30))
    pairs = list(zip(samples.values(), images, strict=True))
    matched = [np.corrcoef(sample.image[inner].ravel(), image[inner].ravel())[0, 1] for sample, image in pairs]
    crossed = np.corrcoef(pairs[0][0].image[inner].ravel(), images[1][inner].ravel())[0, 1]
    assert min(matched) > 0.55
    assert abs(crossed) < 0.2


def test_a_piece_of_a_shipped_image_is_made_again_from_its_scatterers():
    product, samples = shipped()
    simus, name = product.simulator, next(iter(samples))
    sample = samples[name]
    _, scatterers = scatterers_of(product, 0)
    depth, lateral = simus.axes(sample.image.shape, sample.spacing)
    piece = (slice(100, 118), slice(110, 135))
    near = (np.abs(scatterers.depth - depth[piece[0]].mean()) < 1.5e-3) & (
        np.abs(scatterers.lateral - lateral[piece[1]].mean()) < 3.4e-3
    )
    some = Scatterers(scatterers.lateral[near], scatterers.depth[near], scatterers.reflectivity[near])
    array = probe(simus.probe)
    field = sum(
        beamform(array, path, echoes(array, path, some), depth[piece[0]], lateral[piece[1]], simus.f_number)
        for path in array.paths(simus.waves, simus.steering)
    )
    again = 1 + 20 * np.log10(np.abs(field)) / simus.dynamic_range_db
    # scatterers farther away, which are left out, add clutter
    assert np.corrcoef(again.ravel(), sample.image[piece].ravel())[0, 1] > 0.85


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("array", ["l11-5v", "c5-2v"])
def test_a_whole_shipped_image_is_made_again(array):
    product, samples = shipped(array)
    made, kept = product[0], next(iter(samples.values()))
    assert np.abs(made.image - kept.image).max() < 1e-3
    assert np.abs(made.reference - kept.reference).max() < 1e-4
    assert all(np.array_equal(mask, made.rois.masks[name]) for name, mask in kept.rois.masks.items())
