"""`S` as a simulator of the suite."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from program_files import program
from scipy.ndimage import gaussian_filter
from usbench.methods.pix2pix.gan_s import GanS

import usbench

FLAT = (slice(16, 112), slice(76, 116))


def tissue() -> np.ndarray:
    clean = np.full((128, 128), 0.25, np.float32)
    clean[:, 64:] = 0.6
    clean[:8, :8] = 1
    return clean


def test_every_draw_has_speckle_of_its_own():
    simulator = usbench.load_simulator("gan-s[axial=3,lateral=6,contrast=0.06,gain=0.8,power=1,drawings=1]")
    first, same, other = (simulator.simulate(tissue(), np.random.default_rng(seed)).image for seed in (0, 0, 1))
    assert np.array_equal(first, same)
    fine = [(image - gaussian_filter(image, 6))[FLAT].ravel() for image in (first, other)]
    assert abs(np.corrcoef(*fine)[0, 1]) < 0.25
    assert 0.01 < fine[0].std() < 0.12
    assert first[FLAT].mean() > first[16:112, 12:52].mean() + 0.1
    assert np.array_equal(np.round(first * 255) / np.float32(255), first)


def test_the_reference_is_the_mean_of_many_drawings():
    style = "axial=3,lateral=6,contrast=0.06,gain=0.8,power=1"
    clean = tissue()[:64, 32:96]
    few = usbench.load_simulator(f"gan-s[{style}]").simulate(clean, np.random.default_rng(0)).reference
    one = usbench.load_simulator(f"gan-s[{style},drawings=1]")
    drawn = np.stack([one.simulate(clean, np.random.default_rng(1000 + seed)).image for seed in range(64)])
    error = ((drawn.mean(0, np.float64) - few) ** 2 - drawn.var(0) / 63).mean()
    assert error < 10**-4.2  # 42 dB: of 40 drawings


def test_the_style_is_drawn_from_real_frames_or_set():
    drawn = [GanS().drawn_style(np.random.default_rng(seed)) for seed in range(50)]
    assert len({style.axial for style in drawn}) > 20
    assert max(style.lateral for style in drawn) > 1.5 * min(style.lateral for style in drawn)
    style = GanS(axial=2.5, contrast=0.05).drawn_style(np.random.default_rng(0))
    assert (style.axial, style.contrast) == (2.5, 0.05)
    assert style.lateral == drawn[0].lateral
    weak, strong = (
        usbench.load_simulator(f"gan-s[axial=3,lateral=6,gain=0.8,power=1,contrast={value}]")
        .simulate(tissue(), np.random.default_rng(0)).image[FLAT].std()
        for value in (0.03, 0.09)
    )  # fmt: skip
    assert strong > 1.5 * weak


FIGURES = json.loads(GanS.weights_index().read_text())["figures"]


def test_the_figures_of_the_card_are_those_that_are_asked_for():
    """Measured at the end of the training on MRI of people, and B-mode of patients, that are held out."""
    assert FIGURES["deviation_error"] <= 0.15
    assert abs(FIGURES["axial_error"]) <= 0.1
    assert abs(FIGURES["lateral_error"]) <= 0.1
    assert FIGURES["borders"] >= 0.93
    assert FIGURES["told_apart"] <= 0.68
    assert FIGURES["two_drawings"] <= 0.15
    assert max(FIGURES[f"{direction}_spectrum"] for direction in ("radial", "axial", "lateral")) <= 0.15


OLD_PROCESSOR = {  # of these instructions PyTorch, its libraries and NumPy make no use then
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR AVX2 FMA3 AVX512F AVX512CD AVX512_SKX",
}


def test_its_images_are_the_same_on_every_processor_and_number_of_threads():
    def hash_on(threads: int, environment: dict[str, str]) -> str:
        command = [sys.executable, "-c", program("hash_of_gan_s"), str(threads)]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    first = hash_on(2, {})
    assert len(first) == 64
    assert first == hash_on(1, OLD_PROCESSOR)


@pytest.mark.slow
def test_the_likeness_of_the_card_is_that_of_the_weights(shared_data):
    import torch
    from usbench.methods.pix2pix.generator import load_generator
    from usbench.methods.pix2pix.simulator_recipe import likeness_figures, simulator_pairs
    from usbench.methods.pix2pix.simulator_task import SimulatorObjective, SpeckleGan

    card = json.loads(GanS.weights_index().read_text())
    task = SpeckleGan(card["width"], SimulatorObjective())
    task.start_from(load_generator(GanS.weights_index(), exact=True).state_dict())
    folders = {kind: [shared_data / name for name in names] for kind, names in GanS.training_folders.items()}
    with torch.inference_mode():
        found = likeness_figures(simulator_pairs(folders, card["crop"], held_out=True), task)
    for name, value in card["figures"].items():
        assert found[name] == pytest.approx(value, abs=0.03), name
