"""ONNX files of trained networks: any size, the numbers of torch, and a sentence where there is none to be had."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from usbench.methods.deep.recipes import untrained

import usbench
from usbench import registry
from usbench.cli.app import run_command
from usbench.core.errors import MethodError, UsageError
from usbench.training import onnx_export
from usbench.training.onnx_export import export_onnx
from usbench.weights.shards import save_weights

ort = pytest.importorskip("onnxruntime")
SMALL = {
    "dncnn": {"depth": 3, "width": 4},
    "id-cnn": {"width": 4},
    "red-cnn": {"width": 4},
    "unet": {"width": 2},
    "nafnet": {"width": 4, "inner_blocks": 1},
    "restormer-light": {"width": 8, "inner_blocks": 1, "fold": 2},
    "speckle2self": {"width": 4},
    "cyclegan": {"width": 4, "blocks": 1, "fold": 2},
    "drnn": {"width": 4, "blocks": 1},
}
SLOW = {"id-cnn", "red-cnn", "nafnet", "restormer-light", "speckle2self", "cyclegan", "drnn"}


def small(name: str, folder) -> usbench.Method:
    about = {"network": name, **SMALL[name]}
    network = untrained(registry.find("methods", name).target, about)
    return usbench.load_method(name, weights=str(save_weights(folder, name, network.state_dict(), about)))


def despeckled(file, image: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(["despeckled"], {"image": image[None, None]})[0][0, 0]


@pytest.mark.full
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in SMALL])
def test_a_network_is_written_for_any_size(name, tmp_path):
    method, file = small(name, tmp_path), tmp_path / "model.onnx"
    done = export_onnx(method, file, (64, 96))
    assert done.sizes == ((64, 96), (77, 146))
    assert done.apart <= 1e-4
    method.prepare()
    for shape in ((32, 32), (101, 57), (128, 160)):
        image = np.random.default_rng(1).random(shape, np.float32)
        expected = method.despeckle(torch.from_numpy(image)[None, None])[0, 0].numpy()
        assert np.abs(despeckled(file, image) - expected).max() < (1e-4 if method.exact else 0.02)
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


@pytest.mark.full
def test_gan_d_by_the_command(tmp_path, capsys):
    file = tmp_path / "gan-d.onnx"
    assert run_command(["export", "gan-d", str(file), "--size", "64x80"]) == 0
    assert "takes images from 32 x 32 pixels; at 64 x 80 and 77 x 130 it is within" in capsys.readouterr().out
    method = usbench.load_method("gan-d", exact=True)
    method.prepare()
    image = usbench.load_dataset("natural+rayleigh")[0].image[:150, :97].copy()
    expected = method.despeckle(torch.from_numpy(image)[None, None])[0, 0].numpy()
    assert np.abs(despeckled(file, image) - expected).max() < 1e-4


@pytest.mark.slow
def test_a_network_of_one_size_says_so(tmp_path, capsys):
    assert run_command(["export", "gan-d-paper", str(tmp_path / "paper.onnx")]) == 0
    assert "takes images of 256 x 256 pixels; at 256 x 256 it is" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["srad", "m.onnx"], 2, "srad is not a trained network"),
        (["dip", "m.onnx"], 2, "dip is not a trained network"),
        (["dncnn[weights=none.json]", "m.onnx"], 1, "There is no card of weights none.json"),
        (["gan-d", "m.pt"], 2, "does not end in .onnx"),
        (["gan-d", "nowhere/m.onnx"], 2, "does not exist"),
        (["gan-d", "m.onnx", "--size", "big"], 2, "is not a size"),
        (["gan-d", "m.onnx", "--size", "16x64"], 2, "too small"),
        (["gan-d-paper", "m.onnx", "--size", "64x64"], 2, "takes only images of 256 x 256 pixels"),
    ],
)
def test_wrong_usage_is_a_sentence(tmp_path, monkeypatch, capsys, arguments, code, sentence):
    monkeypatch.chdir(tmp_path)
    assert run_command(["export", *arguments]) == code
    captured = capsys.readouterr().err
    assert sentence in captured
    assert captured.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.full
@pytest.mark.parametrize(("steps", "draws"), [(3, 2), pytest.param(1, 1, marks=pytest.mark.slow)])
def test_a_diffusion_is_written_with_its_noise_as_an_input(steps, draws, tmp_path):
    about = {"network": "ir-sde", "width": 4, "blocks": 1}
    network = untrained(registry.find("methods", "ir-sde").target, about)
    index = save_weights(tmp_path, "ir-sde", network.state_dict(), about)
    method = usbench.load_method("ir-sde", weights=str(index), exact=True, steps=steps, draws=draws, seed=5)
    assert export_onnx(method, tmp_path / "m.onnx").apart <= 1e-4
    method.prepare()
    image = np.random.default_rng(1).random((1, 1, 45, 61), np.float32)
    generator = torch.Generator().manual_seed(5)
    noise = torch.stack([torch.randn((draws, 1, 45, 61), generator=generator)[:, 0] for _ in range(steps)])
    session = ort.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    made = session.run(None, {"image": image, "noise": noise.numpy()})
    assert [output.name for output in session.get_outputs()] == ["despeckled", "uncertainty"][:draws]
    wanted = [method.despeckle(torch.from_numpy(image))]
    if draws > 1:
        wanted.append(method.uncertainty(torch.from_numpy(image)))
    for one, other in zip(made, wanted, strict=True):
        assert np.abs(one - other.numpy()).max() < 1e-4


def test_a_graph_that_gives_something_else_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_export, "_write", lambda network, file, size, dynamic: file.write_bytes(b""))
    wrong = SimpleNamespace(run=lambda names, given: [given["image"] * 0])
    monkeypatch.setattr(ort, "InferenceSession", lambda *_, **__: wrong)
    with pytest.raises(MethodError, match="from torch; expected at most 0.0001"):
        export_onnx(usbench.load_method("gan-d"), tmp_path / "m.onnx", (32, 32))
    assert list(tmp_path.iterdir()) == []


def test_without_onnxruntime_it_is_not_compared_and_without_onnx_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_export, "_write", lambda network, file, size, dynamic: file.write_bytes(b""))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert export_onnx(usbench.load_method("gan-d"), tmp_path / "m.onnx").sizes == ()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'usbench\[onnx\]'"):
        export_onnx(usbench.load_method("gan-d"), tmp_path / "m.onnx")
