"""The command line: what it prints, where, and with which exit code; never a traceback."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from usbench import registry
from usbench.cli.app import run_command

FAST = ("-d", "phantom[count=1]+psf", "--no-timing", "--workers", "1")


@pytest.mark.full
def test_run_json_is_one_array_and_nothing_else(usbench_command):
    done = usbench_command("run", "-m", "median", "-d", "phantom[count=2]+psf", "--json")
    assert done.returncode == 0, done.stderr
    entries = json.loads(done.stdout)
    keys = {"method", "params", "metric", "unit", "better", "failed"}
    quality = keys | {"tuning", "dataset", "split", "mean", "n", "skipped", "in_distribution"}
    for entry in entries:
        assert set(entry) == (keys | {"size", "median", "iqr"} if entry["metric"] == "latency_ms" else quality)
    psnr = next(e for e in entries if (e["method"], e["metric"]) == ("median", "psnr"))
    assert psnr["params"] == {"size": 7}
    assert psnr["unit"] == "dB"
    assert psnr["better"] == "higher"
    assert psnr["n"] == 2
    assert {entry["method"] for entry in entries} == {"identity", "median"}


def test_run_ends_with_a_table_and_says_where_rows_are(usbench_command, tmp_path):
    done = usbench_command("run", "-m", "gaussian", "--set", "sigma=1", *FAST, "--results", "here")
    assert done.returncode == 0, done.stderr
    assert "gaussian[sigma=1]" in done.stdout
    assert "psnr_affine, dB ↑" in done.stdout
    assert "ms/image ↓" in done.stdout
    assert str(tmp_path / "here") in done.stdout
    again = usbench_command("run", "-m", "gaussian[sigma=1.0]", *FAST, "--results", "here")
    assert "Nothing had to be computed" in again.stdout
    tables = usbench_command("tables", "--results", "here", "--out", "boards", "--json")
    assert len(json.loads(tables.stdout)) == 12
    assert "gaussian[sigma=1]" in (tmp_path / "boards" / "simulated.md").read_text()


def test_a_users_single_file_runs_and_stands_in_a_leaderboard(usbench_command, tmp_path):
    (tmp_path / "my_filter.py").write_text(
        "import usbench\n@usbench.numpy_method(title='Half')\ndef half(image):\n    return image / 2\n"
    )
    done = usbench_command("run", "-m", "./my_filter.py", "-m", "median", *FAST, "--board", "board")
    assert done.returncode == 0, done.stderr
    assert "half" in done.stdout
    page = (tmp_path / "board" / "simulated.md").read_text()
    assert "| half |" in page
    assert "| median |" in page
    assert (tmp_path / "board" / "index.html").is_file()


def test_a_failing_method_is_exit_code_1_with_its_reason(usbench_command, tmp_path):
    (tmp_path / "bad.py").write_text(
        "import usbench\n@usbench.numpy_method\ndef bad(image):\n    raise ValueError('out of paint')\n"
    )
    done = usbench_command("run", "-m", "bad.py", *FAST)
    assert done.returncode == 1
    assert "out of paint" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "-m", "medain"], "Did you mean 'median'"),
        (["run", "-m", "median", "-d", "nosuch"], "There is no dataset 'nosuch'"),
        (["run", "-m", "median", "-d", "natural+raleigh"], "Did you mean 'rayleigh'"),
        (["run", "-m", "median", "--metric", "pnsr"], "Did you mean 'psnr'"),
        (["run", "-m", "median", "--set", "size=4"], "odd"),
        (["run", "-m", "median", "--set", "size"], "parameter=value"),
        (["run", "-m", "median", "-m", "lee", "--set", "size=5"], "exactly one --method"),
        (["run", "-m", "median", "--split", "holdout", "-d", "natural+rayleigh"], "split='holdout' is refused"),
        (["run", "-m", "median", "-d", "echo", "--split", "train"], "no samples in the split 'train'"),
        (["run", "-m", "median", "-d", "echo", "--device", "warp"], "device 'warp' cannot be used"),
        (["run", "--limit", "0"], "--limit"),
        (["run", "-m", "./nosuch.py"], "does not exist"),
        (["run", "-m", "median", "-d", "echo", "--results", "/proc/results"], "cannot be written"),
        (["show", "nosuch"], "There is no method 'nosuch'"),
        (["list", "things"], "things"),
        (["tables", "--results", "nosuch"], "There are no results in nosuch"),
        (["compare", "a", "./b c.py", "-d", "echo"], "`usbench run -m a -m './b c.py' -d echo --results results`"),
        (["run", "-m", "median", "-d", "echo", "--tuned"], "`usbench tune median -d echo --results results` makes one"),
        (["train", "median"], "cannot be trained"),
        (["train", "gan-d", "--max-time", "soon"], "'soon' is not a time"),
        (["weights"], "Missing command"),
        (["weights", "add", "gan-d-zenodo"], "Missing argument"),
        (["weights", "add", "median", "x"], "'median' takes no weights"),
        (["check"], "Name one plugin"),
        (["check", "median", "--all"], "Name one plugin"),
        (["check", "./nosuch.py"], "does not exist"),
        (["new", "filter", "x"], "filter"),
        (["nosuch"], "nosuch"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command(arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("kind", registry.KINDS)
def test_lists_name_everything(kind, capsys):
    assert run_command(["list", kind]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in registry.names(kind))


def test_bm3ds_licence_is_shown_wherever_it_is_listed(capsys):
    run_command(["list", "methods"])
    run_command(["show", "bm3d"])
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.count("non-commercial") == 3  # bm3d and its homomorphic form in the list, and the card


def test_what_is_not_available_is_listed_shown_and_left_out(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command(["list", "methods", "--json"]) == 0
    lines = {line["name"]: line for line in json.loads(capsys.readouterr().out)}
    assert "usbench weights add gan-d-zenodo" in lines["gan-d-zenodo"]["unavailable"]
    assert not lines["gan-d"]["unavailable"]
    assert run_command(["list", "methods"]) == 0
    assert "not available here: gan-d-zenodo needs" in " ".join(capsys.readouterr().out.split())
    assert run_command(["show", "gan-d-zenodo"]) == 0
    assert "Zenodo record 13788016" in " ".join(capsys.readouterr().out.split())
    for arguments in (
        ["run", "-m", "gan-d-zenodo"],
        ["check", "gan-s-zenodo"],
        ["picture", "-m", "gan-d-zenodo", "-d", "echo"],
    ):
        assert run_command(arguments) == 1
        captured = capsys.readouterr()
        assert "usbench weights add gan-" in captured.err
        assert captured.err.count("\n") == 1


def test_a_run_of_everything_leaves_out_what_is_not_available(capsys, monkeypatch):
    from usbench.cli.run import _methods

    assert "gan-d-zenodo" not in _methods(None, None)
    assert "Left out: gan-d-zenodo needs the weights" in capsys.readouterr().err
    monkeypatch.setattr(registry.find("methods", "gan-d-zenodo").target, "unavailable", classmethod(lambda cls: ""))
    assert "gan-d-zenodo" in _methods(None, None)


def test_a_run_of_everything_leaves_out_what_takes_hours(capsys):
    from usbench.board.cards import method_notes
    from usbench.cli.run import _methods

    assert "dip" not in _methods(None, None)
    assert "Left out: dip takes 40 minutes" in capsys.readouterr().err
    assert _methods(["dip"], None) == ["dip"]
    assert registry.load_method("dip").iterations == 1800
    assert "has a time limit of its own, 7,200 s an image" in method_notes()["dip"]
    assert "median" not in method_notes()


def test_show_is_the_card(capsys):
    assert run_command(["show", "gan-d", "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["doi"] == "10.1109/ACCESS.2024.3381630"
    assert card["trained_on"]
    assert run_command(["show", "mri+psf"]) == 0
    assert "scatterers" in capsys.readouterr().out


def test_show_of_a_method_is_short_and_says_how_to_run_it_and_to_make_it_again(capsys):
    assert run_command(["show", "gan-d"]) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) < 24
    assert "{" not in shown
    words = " ".join(shown.split())
    for said in ("https://doi.org/10.1109", "mri (", "psnr_affine from", "usbench run -m gan-d", "usbench train gan-d"):
        assert said in words
    assert run_command(["show", "srad"]) == 0
    assert "usbench train" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hc18", ["real; fetal", "https://doi.org/10.5281/zenodo.1327317", "usbench data add hc18", "gcnr", "-d hc18"]),
        ("mri+psf", ["simulated; brain", "16 test", "psnr_affine", "-d mri+psf"]),
        ("echo+lesions", ["real; heart", "gaussian_equivalent_4db"]),
        ("phantom", ["clean; phantom", "psnr_affine of the set with speckle", "-d phantom+psf"]),
        ("gan-s", ["usbench train gan-s", "-d mri+gan-s", "images seen"]),
        ("psf", ["axial=1.0", "-d mri+psf"]),
        ("gcnr", ["higher is better", "pairs of regions", "other real sets", "--metric gcnr"]),
        ("grey_slope", ["1 is ideal, both sides are worse"]),
    ],
)
def test_show_of_every_kind_is_a_card_without_dictionaries(name, said, capsys):
    assert run_command(["show", name]) == 0
    shown = capsys.readouterr().out
    assert "{" not in shown
    assert len(shown.splitlines()) < 40
    words = " ".join(shown.split())
    assert [text for text in said if text not in words] == []


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in registry.KINDS for name in registry.names(kind)])
def test_every_plugin_has_a_card_that_can_be_shown(kind, name, capsys):
    assert run_command(["show", name]) == 0
    assert f"usbench show {name} --json" in " ".join(capsys.readouterr().out.split())


def test_check_reports_each_rule(capsys, tmp_path):
    assert run_command(["check", "median"]) == 0
    out = capsys.readouterr().out
    assert "ok     accepts any height and width and returns the same\n" in out
    assert "-      was not trained on test images of the suite: it is not trained\n" in out
    file = tmp_path / "crop.py"
    file.write_text("import usbench\n@usbench.numpy_method\ndef crop(image):\n    return image[1:]\n")
    assert run_command(["check", str(file)]) == 1
    out = capsys.readouterr().out
    assert "BROKEN returns an image of the same shape: crop returned an image of shape (47, 40)" in out
    assert "       -> Return (B, 1, H, W) for (B, 1, H, W).\n" in out
    assert run_command(["check", str(file), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["kind"] == "method"
    assert not report["passed"]
    assert {finding["status"] for finding in report["findings"]} >= {"kept", "broken", "not applicable"}


def test_picture_shows_input_reference_and_results(capsys, tmp_path):
    import numpy as np
    from PIL import Image

    out = tmp_path / "new" / "picture.png"
    arguments = ["picture", "-m", "identity", "-m", "constant", "-d", "phantom[count=1]+psf", "-d", "echo"]
    assert run_command([*arguments, "--out", str(out)]) == 0
    pixels = np.asarray(Image.open(out))
    assert pixels.shape == (2 * (22 + 4) + 256 + 192, 4 * (256 + 4))
    untouched = registry.load_dataset("phantom[count=1]+psf")[0].image
    assert np.array_equal(pixels[22:278, :256], np.round(255 * untouched))
    assert np.array_equal(pixels[22:278, 520:776], pixels[22:278, :256])
    assert np.ptp(pixels[22:278, 780:1036]) == 0


TEXT = (
    "weights add remove gan-d-zenodo "
    "run list show tables check -m --method --set -d --dataset --json --split [ ] a=b median[size= srad[iterations=x] "
    "+ folder: folder:/ natural+ +psf --limit -1 🫀"
)
WORDS = st.sampled_from(TEXT.split())


@given(arguments=st.lists(st.one_of(WORDS, st.text(max_size=12)), max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_arguments_never_end_in_a_traceback(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if arguments and arguments[0] == "run":
        arguments = ["run", "--split", "nosuch", *arguments[1:]]  # refused after parsing, before anything is computed
    code = run_command(arguments)
    captured = capsys.readouterr()
    assert code in (0, 1, 2)
    assert "Traceback" not in captured.err + captured.out
    assert "error of its own" not in captured.err, captured.err


def test_python_m_usbench_is_the_command(usbench_command):
    done = usbench_command("--help")
    assert done.returncode == 0
    assert "Usage: usbench" in done.stdout


def test_the_card_of_a_file_is_shown_like_a_registered_one(tmp_path, capsys):
    file = tmp_path / "my_filter.py"
    file.write_text(
        "import usbench\n\n\n@usbench.numpy_method(title='Mine', family='smoothing', licence='MIT')\n"
        "def mine(image, size: int = 5):\n    return image\n"
    )
    assert run_command(["show", str(file), "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert about["name"] == "mine"
    assert about["title"] == "Mine"
    assert about["origin"] == str(file)
    assert about["parameters"] == {"size": 5}
    assert run_command(["show", str(tmp_path / "no.py")]) == 2
    assert "does not exist" in capsys.readouterr().err
