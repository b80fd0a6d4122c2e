"""A method that is a program: with a C program where gcc is, and with scripts of the interpreter everywhere."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from examples import blocks
from processes import alive
from program_files import plugin_file, program

from usbench import registry
from usbench.conformance import check_plugin
from usbench.core.errors import MethodError, PluginError
from usbench.program_method import EXCHANGES

C_PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
/* box IN OUT HEIGHT WIDTH RADIUS: the mean of a window, cut off at the borders */
int main(int argc, char **argv) {
    if (argc != 6) { fprintf(stderr, "usage\nbox: expected 5 arguments\n"); return 64; }
    int h = atoi(argv[3]), w = atoi(argv[4]), r = atoi(argv[5]);
    float *x = malloc(sizeof(float) * h * w), *y = malloc(sizeof(float) * h * w);
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
    if (!in || !out || fread(x, sizeof(float), h * w, in) != (size_t)(h * w)) return 1;
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++) {
            double sum = 0; int n = 0;
            for (int a = i - r; a <= i + r; a++)
                for (int b = j - r; b <= j + r; b++)
                    if (a >= 0 && a < h && b >= 0 && b < w) { sum += x[a * w + b]; n++; }
            y[i * w + j] = sum / n;
        }
    fwrite(y, sizeof(float), h * w, out);
    return fclose(out);
}
"""
USERS_FILE = program("box")


@pytest.fixture
def script(tmp_path):
    """A method that runs a line of Python, with sys.argv[1] the input and sys.argv[2] the output."""

    def load(code: str, exchange: str = "npy", seconds: float = 30.0):
        code = ("import shutil, sys, time, os, subprocess; " + code).replace("{", "{{")
        file = plugin_file(tmp_path, "script", CODE=code, EXCHANGE=exchange, SECONDS=seconds)
        return registry.load_method(str(file))

    return load


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A temporary folder of the test's own, to see what is left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


IMAGE = np.random.default_rng(0).random((23, 37)).astype(np.float32)
COPY = "shutil.copy(sys.argv[1], sys.argv[2])"


@pytest.fixture
def box(tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc to compile the C program")
    (tmp_path / "box.c").write_text(C_PROGRAM)
    subprocess.run(["gcc", "-O2", "-o", str(tmp_path / "box"), str(tmp_path / "box.c")], check=True, timeout=60)
    (tmp_path / "my_program.py").write_text(USERS_FILE)
    return str(tmp_path / "my_program.py")


def test_a_c_program_is_a_method(box):
    method = registry.load_method(f"{box}[radius=2]")
    padded = np.pad(IMAGE.astype(np.float64), 2)
    inside = np.pad(np.ones(IMAGE.shape), 2)
    windows = [(slice(i, i + 23), slice(j, j + 37)) for i in range(5) for j in range(5)]
    expected = sum(padded[window] for window in windows) / sum(inside[window] for window in windows)
    assert np.allclose(method.despeckle_plane(IMAGE.copy()), expected, atol=1e-6)


def test_a_c_program_keeps_the_contract(box):
    findings = check_plugin(box)
    assert [f"{f.check}: {f.reason}" for f in findings if f.status in ("broken", "warning")] == []


@pytest.mark.full
def test_a_c_program_runs_in_the_benchmark(box, usbench_command):
    done = usbench_command("run", "-m", box, "-d", "phantom[count=1]+psf", "--no-timing", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "Box" in done.stdout


def test_another_build_makes_other_rows(box, tmp_path):
    method = registry.load_method(box)
    before = method.weights_hash()
    assert before == registry.load_method(f"{box}[radius=2]").weights_hash() != ""
    (tmp_path / "box.c").write_text(C_PROGRAM.replace("sum / n", "sum / n / 2"))
    subprocess.run(["gcc", "-O2", "-o", str(tmp_path / "box"), str(tmp_path / "box.c")], check=True, timeout=60)
    assert method.weights_hash() != before


def test_a_script_beside_the_method_is_part_of_the_hash(tmp_path):
    text = USERS_FILE.replace('"./box"', '"{python}", "{here}/script.py"').replace(
        "    radius", "    files = ('x',)\n    radius"
    )
    (tmp_path / "hashed.py").write_text(text)
    for name in ("script.py", "x"):
        (tmp_path / name).write_text("1")
    method = registry.load_method(str(tmp_path / "hashed.py"))
    hashes = {method.weights_hash()}
    for name in ("script.py", "x"):
        (tmp_path / name).write_text("2")
        hashes.add(method.weights_hash())
    assert len(hashes) == 3
    (tmp_path / "x").unlink()
    with pytest.raises(PluginError, match="x does not exist"):
        method.weights_hash()


def test_the_example_of_the_documentation_runs(box, tmp_path):
    (block, *_) = blocks(Path(__file__).parents[2] / "docs" / "howto" / "external-program.md")
    (tmp_path / "my_program.py").write_text(block.text)
    (tmp_path / "box").rename(tmp_path / "despeckle")
    method = registry.load_method(f"{tmp_path / 'my_program.py'}[window=1]")
    assert method.despeckle_plane(IMAGE.copy())[1, 1] == pytest.approx(IMAGE[:3, :3].mean())


def test_a_users_file_is_ten_lines():
    assert len([line for line in USERS_FILE.splitlines() if line]) == 10


@pytest.mark.parametrize(("exchange", "loss"), [("npy", 0.0), ("raw", 0.0), ("png", 0.5 / 65535 + 1e-7)])
def test_what_is_exchanged_is_not_lost(exchange, loss, script, temporary):
    result = script(COPY, exchange).despeckle_plane(IMAGE.copy())
    assert np.abs(result - IMAGE).max() <= loss
    assert result.dtype == np.float32
    assert list(temporary.iterdir()) == []


def test_every_16_bit_grey_survives_a_picture(tmp_path):
    greys = np.arange(65536, dtype=np.float64).reshape(256, 256) / 65535
    EXCHANGES["png"].write(tmp_path / "x.png", greys.astype(np.float32))
    found = EXCHANGES["png"].read(tmp_path / "x.png", greys.shape)
    assert np.array_equal(np.round(found.astype(np.float64) * 65535), np.round(greys * 65535))


@pytest.mark.parametrize(
    ("code", "exchange", "sentence"),
    [
        ("sys.stderr.write('warming up\\nno licence found\\n'); sys.exit(3)", "npy", "exit code 3: no licence found."),
        ("sys.exit(4)", "npy", "exit code 4."),
        ("os.kill(os.getpid(), 9)", "npy", "signal SIGKILL."),
        ("pass", "npy", "wrote no output.npy"),
        ("open(sys.argv[2], 'w').write('rubbish')", "npy", "output.npy cannot be read"),
        ("open(sys.argv[2], 'wb').write(b'1234')", "raw", "4 bytes where 3404 are expected"),
        ("open(sys.argv[2], 'wb').write(b'1234')", "png", "output.png cannot be read"),
    ],
)
def test_what_goes_wrong_is_one_sentence(code, exchange, sentence, script, temporary):
    with pytest.raises(MethodError) as raised:
        script(code, exchange).despeckle_plane(IMAGE.copy())
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(temporary.iterdir()) == []


def test_a_program_past_its_time_is_ended_with_all_that_it_started(script, temporary):
    child = "subprocess.Popen(['sleep', '123456']); time.sleep(123456)"
    with pytest.raises(MethodError, match=r"time limit of 1.5 s"):
        script(child, seconds=1.5).despeckle_plane(IMAGE.copy())
    psutil.wait_procs(alive("sleep", "123456"), timeout=60)
    assert alive("sleep", "123456") == []
    assert list(temporary.iterdir()) == []


def test_another_shape_is_told(script):
    code = "import numpy; numpy.save(sys.argv[2], numpy.load(sys.argv[1])[1:])"
    method = script(code)
    import torch

    with pytest.raises(MethodError, match=r"shape \(22, 37\) for one of shape \(23, 37\)"):
        method.despeckle(torch.from_numpy(IMAGE)[None, None])


def test_a_pickle_in_the_output_is_not_run(script, tmp_path):
    code = (
        "import numpy, pickle; numpy.save(sys.argv[2], numpy.array([Exception('x')], dtype=object), allow_pickle=True)"
    )
    with pytest.raises(MethodError, match="cannot be read"):
        script(code).despeckle_plane(IMAGE.copy())


def test_an_absent_program_is_not_available_here(tmp_path):
    (tmp_path / "absent.py").write_text(USERS_FILE)
    with pytest.raises(PluginError, match=rf"needs the program {tmp_path}/box, which is not here"):
        registry.load_method(str(tmp_path / "absent.py"))


def test_a_command_with_an_unknown_word_says_which(tmp_path):
    text = USERS_FILE.replace("./box", sys.executable).replace("{radius}", "{diameter}")
    (tmp_path / "unknown.py").write_text(text)
    method = registry.load_method(str(tmp_path / "unknown.py"))
    with pytest.raises(PluginError, match="'diameter', which is no parameter"):
        method.despeckle_plane(IMAGE.copy())


def test_a_matlab_or_octave_script_is_a_method(tmp_path):
    if shutil.which("octave") is None:
        pytest.skip("there is no octave here")
    (tmp_path / "halve.m").write_text("args = argv(); x = imread(args{1}); imwrite(uint16(double(x) / 2), args{2});\n")
    text = USERS_FILE.replace('"./box", "{input}"', '"octave", "--quiet", "--no-gui", "{here}/halve.m", "{input}"')
    text = text.replace('exchange = "raw"', 'exchange = "png"')
    (tmp_path / "halve.py").write_text(text)
    result = registry.load_method(str(tmp_path / "halve.py")).despeckle_plane(IMAGE.copy())
    assert np.allclose(result, IMAGE / 2, atol=2 / 65535)
