"""`usbench run`: what it refuses, and what it says of methods that were not tuned."""

import pytest

from usbench.cli.app import run_command

ONE = ["-d", "natural+rayleigh", "--limit", "1", "--no-timing", "--workers", "1"]


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
    tune = ["tune", "median", "-d", "natural+rayleigh", "--trials", "2", "--images", "8"]
    assert run_command(tune) == 0, capsys.readouterr().err
    arguments = ["run", "--tuned", "-m", "median", "-m", "lee", "-m", "lee[size=3]", *ONE, "--metric", "psnr"]
    assert run_command([*arguments, "-d", "phantom[count=1]+psf"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "defaults alone: lee on natural+rayleigh; median, lee on phantom[count=1]+psf. `usbench tune`" in said
    assert run_command(["run", "--tuned", "-m", "median", *ONE, "--metric", "psnr"]) == 0
    assert "defaults alone" not in capsys.readouterr().err


def test_compare_says_whether_the_sets_or_the_values_are_missing(capsys):
    assert run_command(["run", "-m", "median", *ONE]) == 0
    assert run_command(["run", "-m", "lee", "-d", "phantom[count=1]+psf", "--no-timing", "--workers", "1"]) == 0
    capsys.readouterr()
    assert run_command(["compare", "median", "lee"]) == 2
    assert "No data set has values of both median and lee; `usbench run -m median -m lee`." in capsys.readouterr().err
    assert run_command(["compare", "median", "identity", "--metric", "gcnr"]) == 2
    said = capsys.readouterr().err
    assert "No image of median and identity has a value of gcnr; `usbench show gcnr` says what it needs." in said
