"""`usbench run`: what it prints and refuses, and what it says of methods that were not tuned or are left out."""

import json

import pytest
from program_files import plugin_file

from usbench import registry
from usbench.cli.app import run_command

pytestmark = pytest.mark.usefixtures("in_process")

ONE = ["-d", "natural+rayleigh", "--limit", "1", "--no-timing", "--workers", "1"]
FAST = ["-d", "phantom[count=1]+psf", "--no-timing", "--workers", "1"]


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_metrics_of_which_none_applies_are_refused_before_anything_is_computed(in_empty_folder, capsys):
    assert run_command(["run", "-m", "median", *ONE, "--metric", "gcnr", "--metric", "wire_axial"]) == 2
    said = capsys.readouterr().err
    assert "Nothing to measure on these images: gcnr (no contrast ROIs), wire_axial (no wires)." in said
    assert "`usbench show gcnr`" in said
    assert not (in_empty_folder / "results").exists()


def test_with_one_that_applies_the_others_are_named_at_the_end(capsys):
    assert run_command(["run", "-m", "median", *ONE, "--metric", "gcnr", "--metric", "psnr"]) == 0
    assert "gcnr does not apply to any of these images" in " ".join(capsys.readouterr().out.split())


def test_methods_that_were_not_tuned_are_named_where_others_were(capsys):
    tune = ["tune", "median", "-d", "natural+rayleigh", "--trials", "2", "--images", "1", "--seeds", "1"]
    assert run_command(tune) == 0, capsys.readouterr().err
    arguments = ["run", "--tuned", "-m", "median", "-m", "lee", "-m", "lee[size=3]", *ONE, "--metric", "psnr"]
    assert run_command([*arguments, "-d", "phantom[count=1]+psf"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "defaults alone: lee on natural+rayleigh; median, lee on phantom[count=1]+psf. `usbench tune`" in said
    assert run_command(["run", "--tuned", "-m", "median", *ONE, "--metric", "psnr"]) == 0
    assert "defaults alone" not in capsys.readouterr().err


def test_compare_says_whether_the_sets_or_the_values_are_missing(capsys):
    assert run_command(["run", "-m", "median", *ONE, "--metric", "psnr_affine", "--metric", "gcnr"]) == 0
    assert run_command(["run", "-m", "lee", *FAST, "--metric", "psnr_affine"]) == 0
    capsys.readouterr()
    assert run_command(["compare", "median", "lee"]) == 2
    assert "No data set has values of both median and lee; `usbench run -m median -m lee`." in capsys.readouterr().err
    assert run_command(["compare", "median", "identity", "--metric", "gcnr"]) == 2
    said = capsys.readouterr().err
    assert "No image of median and identity has a value of gcnr; `usbench show gcnr` says what it needs." in said


@pytest.mark.parametrize("statement", ["sys.exit(0)", "raise GeneratorExit"])
def test_a_file_that_exits_on_import_is_no_success(statement, tmp_path, capsys):
    from usbench.cli.app import run_command

    (tmp_path / "leaving.py").write_text(f"import sys\n{statement}\n")
    assert run_command(["run", "-m", str(tmp_path / "leaving.py"), "-d", "shapes+rayleigh"]) == 1
    assert "cannot be loaded" in capsys.readouterr().err


def test_a_file_that_loads_itself_is_told_so(tmp_path, capsys):
    from usbench.cli.app import run_command

    file = tmp_path / "eager.py"
    file.write_text(f"import usbench\nusbench.load_method({str(file)!r})\n")
    assert run_command(["run", "-m", str(file), "-d", "shapes+rayleigh"]) == 1
    said = capsys.readouterr().err
    assert f"{file} loads itself; what uses a plugin goes under" in said
    assert said.count("cannot be loaded") == 1


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


def test_run_ends_with_a_table_and_says_where_rows_are(in_empty_folder, capsys):
    assert run_command(["run", "-m", "gaussian", "--set", "sigma=1", *FAST, "--results", "here"]) == 0
    out = capsys.readouterr().out
    assert "gaussian[sigma=1]" in out
    assert "psnr_affine, dB ↑" in out
    assert "ms/image ↓" in out
    assert str(in_empty_folder / "here") in out
    assert run_command(["run", "-m", "gaussian[sigma=1.0]", *FAST, "--results", "here"]) == 0
    assert "Nothing had to be computed" in capsys.readouterr().out
    assert run_command(["tables", "--results", "here", "--out", "boards", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 12
    assert "gaussian[sigma=1]" in (in_empty_folder / "boards" / "simulated.md").read_text()


def test_a_users_single_file_runs_and_stands_in_a_leaderboard(in_empty_folder, capsys):
    plugin_file(in_empty_folder, "half")
    methods = ["-m", "./half.py", "-m", "median"]
    assert run_command(["run", *methods, *FAST, "--metric", "psnr_affine", "--board", "board"]) == 0
    assert "half" in capsys.readouterr().out
    page = (in_empty_folder / "board" / "simulated.md").read_text()
    assert "| half |" in page
    assert "| median |" in page
    assert (in_empty_folder / "board" / "index.html").is_file()


def test_a_failing_method_is_exit_code_1_with_its_reason(in_empty_folder, capsys):
    plugin_file(in_empty_folder, "bad")
    assert run_command(["run", "-m", "bad.py", *FAST, "--metric", "psnr_affine"]) == 1
    said = capsys.readouterr()
    assert "out of paint" in said.err
    assert "Traceback" not in said.out + said.err


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
