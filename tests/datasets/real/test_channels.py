"""Channel data: delay-and-sum images a point at its position, and variants of the files are read."""

import h5py
import numpy as np
import pytest

import usbench
from usbench.core.errors import ImageError

SPEED, RATE, CARRIER = 1540.0, 20.832e6, 5.208e6
ELEMENTS = (np.arange(48) - 23.5) * 0.3e-3
ANGLES = np.deg2rad(np.linspace(-12, 12, 5))
START, SAMPLES = 4e-6, 700
POINT = (2.0e-3, 15.0e-3)  # lateral, depth


def echoes(x: float, z: float) -> np.ndarray:
    """Radio frequency of one point, (angles, elements, samples): a Gaussian pulse at each delay."""
    time = START + np.arange(SAMPLES) / RATE
    there = (z * np.cos(ANGLES) + x * np.sin(ANGLES))[:, None, None] / SPEED
    back = np.hypot(x - ELEMENTS, z)[None, :, None] / SPEED
    late = time - there - back
    return np.exp(-((late * CARRIER / 0.9) ** 2)) * np.cos(2 * np.pi * CARRIER * late)


def demodulated(rf: np.ndarray) -> np.ndarray:
    from scipy.signal import hilbert

    time = START + np.arange(SAMPLES) / RATE
    return hilbert(rf, axis=-1) * np.exp(-2j * np.pi * CARRIER * time)


def picmus(root, kind="rf", target="resolution_distorsion", **changed):
    folder = root / "experiments" / target
    folder.mkdir(parents=True, exist_ok=True)
    rf = echoes(*POINT)
    stored = demodulated(rf) if kind == "iq" else rf
    values = {
        "data/real": stored.real,
        "data/imag": np.imag(stored) + 0 * rf,
        "angles": ANGLES,
        "initial_time": np.array([START]),
        "modulation_frequency": np.array([CARRIER if kind == "iq" else 0.0]),
        "probe_geometry": np.stack([ELEMENTS, 0 * ELEMENTS, 0 * ELEMENTS]),
        "sampling_frequency": np.array([RATE]),
        "sound_speed": np.array([SPEED]),
    } | changed
    with h5py.File(folder / f"{target}_expe_dataset_{kind}.hdf5", "w") as file:
        for key, value in values.items():
            file[f"US/US_DATASET0000/{key}"] = value
    return root


def brightest(dataset, index=0):
    from usbench.datasets.real.plane_waves import image_axes

    depth, lateral = image_axes(dataset.recording(dataset.everything[index].image))
    image = dataset[index].image
    rows, columns = np.nonzero(image == 1)  # a thousandth of the pixels is white
    return lateral[columns].mean(), depth[rows].mean()


@pytest.mark.parametrize("kind", ["rf", "iq"])
def test_a_point_lies_where_it_is(tmp_path, kind):
    dataset = usbench.load_dataset(f"picmus:{picmus(tmp_path, kind)}")
    x, z = brightest(dataset)
    assert x == pytest.approx(POINT[0], abs=1.5e-4)
    assert z == pytest.approx(POINT[1], abs=1.5e-4)
    assert dataset[0].spacing == (0.1, 0.1)


def test_more_angles_put_more_of_the_energy_into_the_point(tmp_path):
    from usbench.datasets.real.plane_waves import envelope_of, image_axes

    dataset = usbench.load_dataset(f"picmus:{picmus(tmp_path)}")
    waves = dataset.recording(dataset.everything[0].image)
    depth, lateral = image_axes(waves)
    near = np.hypot(lateral[None] - POINT[0], depth[:, None] - POINT[1]) < 0.5e-3
    one, five = (envelope_of(waves, n) ** 2 for n in (1, 5))
    assert five[near].sum() / five.sum() > 1.1 * one[near].sum() / one.sum()


def test_a_missing_modulation_frequency_is_the_probes(tmp_path):
    stated = usbench.load_dataset(f"picmus:{picmus(tmp_path / 'a', 'iq')}")[0].image
    missing = usbench.load_dataset(f"picmus:{picmus(tmp_path / 'b', 'iq', modulation_frequency=np.array([0.0]))}")
    assert np.array_equal(missing[0].image, stated)


def test_rf_and_iq_are_two_samples_of_one_group(tmp_path):
    picmus(tmp_path, "iq")
    dataset = usbench.load_dataset(f"picmus:{picmus(tmp_path, 'rf')}")
    assert [entry.id for entry in dataset.entries] == [f"resolution_distorsion_expe_dataset_{k}" for k in ("iq", "rf")]
    assert {entry.group for entry in dataset.entries} == {"resolution_distorsion_expe"}
    first, second = (dataset[n].image for n in (0, 1))
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.98


def test_cysts_come_from_the_phantom_file(tmp_path):
    root = picmus(tmp_path, target="contrast_speckle")
    with h5py.File(root / "experiments/contrast_speckle/contrast_speckle_expe_phantom.hdf5", "w") as file:
        for key, value in (("CenterX", [0.0]), ("CenterZ", [15e-3]), ("Diameter", [6e-3])):
            file[f"US/US_DATASET0000/phantom_occlusion{key}"] = np.array(value)
    sample = usbench.load_dataset(f"picmus:{root}")[0]
    assert sample.rois.contrast == (("cyst", "cyst_background"),)
    area = sample.rois.masks["cyst"].sum() * 0.01
    assert area == pytest.approx(np.pi * (0.8 * 3) ** 2, rel=0.08)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"angles": ANGLES[:3]}, "5 waves for 3 angles"),
        ({"probe_geometry": np.zeros((3, 9))}, "5 angles and 9 elements"),
        ({"sampling_frequency": np.array([0.0])}, "rate of 0 Hz"),
        ({"sound_speed": np.array([15.0])}, "speed of 15 m/s"),
    ],
)
def test_recordings_that_cannot_be_are_one_sentence(tmp_path, changed, reason):
    dataset = usbench.load_dataset(f"picmus:{picmus(tmp_path, **changed)}")
    with pytest.raises(ImageError, match=reason):
        dataset[0]


def test_a_missing_array_is_named(tmp_path):
    root = picmus(tmp_path)
    file = next(root.rglob("*.hdf5"))
    with h5py.File(file, "a") as stored:
        del stored["US/US_DATASET0000/angles"]
    with pytest.raises(ImageError, match=r"has no array 'angles'"):
        usbench.load_dataset(f"picmus:{root}")[0]


def cubdl(root, name, order=(0, 1, 2), **changed):
    folder = root / "3_Additional_CUBDL_Data/Plane_Wave_Data"
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "channel_data": echoes(*POINT).transpose(order),
        "angles": ANGLES,
        "start_time": np.full(5, START),
        "sampling_frequency": RATE,
        "modulation_frequency": CARRIER,
        "sound_speed": SPEED,
        "element_positions": np.stack([ELEMENTS, 0 * ELEMENTS, 0 * ELEMENTS]),
    } | changed
    with h5py.File(folder / f"{name}.hdf5", "w") as file:
        for key, value in values.items():
            if value is not None:
                file[key] = value
    return root


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("MYO001", {}),
        ("TSH002", {"order": (2, 1, 0)}),
        ("UFL001", {"angles": np.rad2deg(ANGLES)}),
        ("OSL010", {"angles": None, "transmit_direction": np.stack([ANGLES, 0 * ANGLES], axis=1)}),
        ("INS004", {"start_time": None, "channel_data_t0": np.array([START])}),
        ("JHU024", {"element_positions": np.stack([ELEMENTS, 0 * ELEMENTS, 0 * ELEMENTS], axis=1)}),
    ],
)
def test_the_orders_and_names_of_cubdl(tmp_path, name, options):
    dataset = usbench.load_dataset(f"cubdl:{cubdl(tmp_path, name, **options)}", whole=True)
    assert dataset.ids() == [name]
    x, z = brightest(dataset)
    assert x == pytest.approx(POINT[0], abs=1.5e-4)
    assert z == pytest.approx(POINT[1], abs=1.5e-4)


def test_channel_data_of_no_order_is_one_sentence(tmp_path):
    root = cubdl(tmp_path, "EUT001", channel_data=np.zeros((5, 47, 100)))
    with pytest.raises(ImageError, match="5 x 47 x 100 for 5 angles and 48 elements"):
        usbench.load_dataset(f"cubdl:{root}", whole=True)[0]
