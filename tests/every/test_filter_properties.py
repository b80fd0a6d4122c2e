"""What must hold of every classical filter; the list is the registry's."""

import numba
import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from usbench import registry
from usbench.core.errors import UsageError
from usbench.core.sample import Sample
from usbench.evaluation.evaluate import despeckle_sample
from usbench.ultrasound.bmode import log_compress

FILTERS = [name for name in registry.names("methods") if ".classical." in registry.find("methods", name).origin]

# Theory bounds these by the input: means, medians and maxima of it, and diffusion with a maximum principle.
BOUNDED = {
    "mean", "gaussian", "wiener", "median", "hybrid-median", "weighted-median", "lee", "lee-enhanced", "lee-sigma",
    "kuan", "frost", "frost-enhanced", "gamma-map", "nagao", "perona-malik", "srad", "dpad", "tv", "bilateral", "nlm",
    "obnlm", "ppb",
}  # fmt: skip
# Not the same along rows and columns: equal patches are taken in reading order, and Crimmins' directions in turn.
READING_ORDER = {"bm3d", "bm3d-homomorphic", "wnnm", "nllrf", "crimmins"}


@pytest.fixture(scope="module", params=FILTERS)
def method(request):
    loaded = registry.load_method(request.param)
    loaded.prepare("cpu")
    return loaded


def filtered(method, image: np.ndarray) -> np.ndarray:
    return method.despeckle(torch.from_numpy(np.ascontiguousarray(image, np.float32))[None, None])[0, 0].numpy()


def speckle(shape=(56, 48), seed=0) -> np.ndarray:
    """Fully developed, correlated speckle, as the method's domain shows it."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.standard_normal(shape), 1) + 1j * gaussian_filter(rng.standard_normal(shape), 1)
    envelope = np.abs(field)
    return (0.3 * envelope / envelope.mean()).clip(0.01, 1).astype(np.float32)


def test_every_filter_of_the_field_is_registered():
    field = (
        "mean gaussian wiener median hybrid-median weighted-median lee lee-enhanced lee-sigma kuan frost "
        "frost-enhanced gamma-map nagao crimmins perona-malik srad dpad osrad coherence admss tv tv-multiplicative "
        "pfdtv wavelet genlik lpnd bilateral guided nlm obnlm ppb bm3d bm3d-homomorphic wnnm nllrf"
    )
    assert set(field.split()) <= set(FILTERS)


def test_shape_and_type_are_kept_and_the_input_is_not_touched(method):
    image = torch.from_numpy(np.stack([speckle(seed=n) for n in range(2)]))[:, None]
    before = image.clone()
    result = method.despeckle(image)
    assert result.shape == image.shape
    assert result.dtype == torch.float32
    assert torch.equal(image, before)


@pytest.mark.parametrize("grey", [0.05, 0.37, 1.0])
def test_a_constant_stays_constant(method, grey):
    assert np.allclose(filtered(method, np.full((40, 37), grey)), grey, atol=2e-5)


def test_a_blob_stays_where_it_is(method):
    row, column = np.mgrid[:64, :72]
    blob = 0.3 + 0.5 * np.exp(-((row - 31.3) ** 2 + (column - 35.6) ** 2) / (2 * 6.0**2))

    def centroid(image):
        mass = np.clip(image - 0.4, 0, None)  # what stands out of the background, whatever that does
        return np.array([(mass * row).sum(), (mass * column).sum()]) / mass.sum()

    assert np.abs(centroid(filtered(method, blob)) - centroid(blob)).max() < 0.05


def test_rows_and_columns_are_treated_alike(method):
    if method.name in READING_ORDER:
        pytest.skip("the order of equal patches or of directions is the reading order")
    image = speckle()
    assert np.allclose(filtered(method, image.T), filtered(method, image).T, atol=1e-4)


def test_values_stay_in_the_inputs_range(method):
    if method.name not in BOUNDED:
        pytest.skip("theory does not bound it")
    image = speckle()
    result = filtered(method, image)
    assert result.min() >= image.min() - 1e-5
    assert result.max() <= image.max() + 1e-5


def test_the_same_image_gives_the_same_bits_with_one_thread_and_with_all(method):
    image = np.tile(speckle(), (4, 4)) if hasattr(method, "despeckle_stack") and method.name not in SLOW else speckle()
    first = filtered(method, image)
    assert np.array_equal(filtered(method, image), first)
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        assert np.array_equal(filtered(method, image), first)
    finally:
        numba.set_num_threads(before)


SLOW = {"wnnm", "nllrf", "pfdtv", "admss", "obnlm", "ppb"}  # seconds on the larger image


def test_memory_layout_makes_no_difference(method):
    image = np.repeat(np.repeat(speckle(), 2, 0), 3, 1)[::2, ::3]
    strided = torch.from_numpy(image)[None, None]
    assert not strided.is_contiguous()
    assert np.array_equal(method.despeckle(strided)[0, 0].numpy(), filtered(method, speckle()))


def test_speckle_in_a_homogeneous_region_is_reduced(method):
    # the defect: a "filter" that returns its input, which metrics then score all the same
    display = log_compress(speckle(), 60).astype(np.float32)
    sample = Sample("speckle", display, dynamic_range_db=60.0)
    inner = (slice(8, -8), slice(8, -8))
    assert despeckle_sample(method, sample)[inner].var() < 0.97 * display[inner].var()


@pytest.mark.parametrize(
    "name", [name for name in FILTERS if "size" in registry.find("methods", name).target.defaults()]
)
def test_an_even_window_is_refused(name):
    # the defect: a 4 x 4 window is off its pixel by half of one, and a 3 x 3 that is 2 x 2 shifts the image
    with pytest.raises(UsageError, match="odd"):
        registry.load_method(name, size=4)


def test_a_window_has_exactly_its_size():
    image = np.full((15, 15), 0.2, np.float32)
    image[7, 7] = 0.9
    sizes = {"mean": 5, "lee": 7, "kuan": 7, "frost": 7, "wiener": 5, "lee-enhanced": 5, "gamma-map": 5}
    for name, size in sizes.items():
        touched = np.abs(filtered(registry.load_method(name, size=size), image) - 0.2) > 1e-5
        window = slice(7 - size // 2, 8 + size // 2)
        assert touched[window, window].all(), name
        assert touched.sum() == size**2, name
