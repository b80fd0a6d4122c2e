"""Real frames without their speckle."""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from usbench.methods.pix2pix.bmode_frames import (
    BmodeFrames,
    despeckled,
    flat_contrast,
    is_held_out,
    prepared,
    smooth_but_structure,
)

import usbench
from usbench.core.rng import generator


def speckled(seed: int = 0) -> np.ndarray:
    clean = np.full((160, 200), 0.55, np.float32)
    clean[:, 100:] = 0.8
    made = usbench.load_simulator("psf[axial=1.2,lateral=2]").simulate(clean, np.random.default_rng(seed))
    return np.round(made.image * 255).astype(np.uint8)


def test_despeckled_frames_are_flat_inside_and_sharp_at_borders():
    image = speckled()
    smooth = [despeckled(image, side, radius).astype(float) for side, radius in ((5, 2), (17, 6))]
    inside = (slice(40, 120), slice(30, 80))
    assert smooth[1][inside].std() < 0.35 * smooth[0][inside].std() < 0.35 * image[inside].std()
    step = smooth[1][60:100].mean(0)
    assert step[110] - step[90] > 0.7 * (step[130:170].mean() - step[30:70].mean())


def test_the_reference_of_a_frame_is_smooth_inside_and_keeps_what_is_thin():
    image = speckled()
    image[80:83] = 255
    grey = np.stack([despeckled(image, side, radius) for side, radius in ((5, 2), (9, 4), (17, 6))]) / np.float32(255)
    smooth = smooth_but_structure(grey)
    inside = (slice(20, 60), slice(20, 80))
    assert smooth[inside].std() < 0.5 * grey[0][inside].std()
    line, beside = smooth[80:83, 20:80].mean(), smooth[66:70, 20:80].mean()
    assert line - beside > 0.8 * (grey[0][80:83, 20:80].mean() - grey[0][66:70, 20:80].mean())


@pytest.mark.parametrize("angle", [0, 25, 90])
def test_the_reference_of_a_frame_keeps_a_faint_line_in_any_direction(angle):
    image = speckled()[:, :100] * 0.3
    rows, columns = np.mgrid[:160, :100] - np.array([80, 50]).reshape(2, 1, 1)
    away = abs(rows * np.cos(np.radians(angle)) + columns * np.sin(np.radians(angle)))
    shown = np.clip(image + 60 * (away < 1.5), 0, 255).astype(np.uint8)
    with_line, without = (prepared(frame).reference for frame in (shown, image.astype(np.uint8)))
    inner = (slice(20, 140), slice(20, 80))
    gain = (with_line - without)[inner]
    assert gain[away[inner] < 1.5].mean() > 0.5 * 60 / 255
    assert np.abs(gain[away[inner] > 20]).max() < 0.02


@pytest.mark.parametrize("seed", [0, 1])
def test_the_reference_of_a_frame_is_as_bright_as_the_frame(seed):
    image = speckled(seed)
    smooth = prepared(image).reference
    for inside in ((slice(20, 140), slice(20, 80)), (slice(20, 140), slice(120, 180))):
        assert smooth[inside].mean() == pytest.approx(image[inside].mean() / 255, rel=0.01)
        assert smooth[inside].std() < 0.2 * image[inside].std() / 255


def test_grain_and_contrast_of_a_frame_are_measured():
    flat = np.full((200, 200), 0.4, np.float32)
    flat[:30, :30] = 1  # what is white sets the gain
    names = ("psf[axial=0.8,lateral=1.2]", "psf[axial=1.6,lateral=3]")
    made = [usbench.load_simulator(name).simulate(flat, np.random.default_rng(0)).image for name in names]
    fine, coarse = (prepared(np.round(255 * image).astype(np.uint8)) for image in made)
    assert fine.versions.shape == (4, 200, 200)
    assert coarse.grain[0] > 1.5 * fine.grain[0]
    assert coarse.grain[1] > 1.5 * fine.grain[1]
    assert 0.05 < fine.contrast < 0.3


def test_contrast_needs_a_flat_region():
    grey = np.random.default_rng(0).random((40, 40), np.float32)
    assert flat_contrast(grey, np.round(grey * 7) / 8) is None
    assert flat_contrast(0.5 + 0.1 * (grey - 0.5), np.full((40, 40), 0.5)) == pytest.approx(0.04, abs=0.01)


def test_every_patient_is_drawn_as_often_however_many_frames_there_are(tmp_path):
    for number in range(9):
        iio.imwrite(tmp_path / f"many_{number}.png", np.full((80, 80), 40, np.uint8))
    iio.imwrite(tmp_path / "single_0.png", np.full((80, 80), 200, np.uint8))
    frames = BmodeFrames.of_files(sorted(tmp_path.glob("*.png")))
    assert {name: len(read) for name, read in frames.patients.items()} == {
        f"{tmp_path.name}/many": 9,
        f"{tmp_path.name}/single": 1,
    }
    rng = generator("test", 0)
    bright = [frames.draw(rng).versions[0].mean() > 100 for _ in range(200)]
    assert np.mean(bright) == pytest.approx(0.5, abs=0.12)
    assert len(list(frames.images())) == 10


def test_one_patient_in_five_is_held_out_with_all_images():
    files = [Path(f"training_set/{number:03d}_HC.png") for number in range(800)]
    held = [is_held_out(file) for file in files]
    assert 0.15 < np.mean(held) < 0.25
    for file, out in zip(files, held, strict=True):
        assert is_held_out(file.with_name(file.name.replace("_HC", "_2HC"))) == out
