"""`usbench list` and `usbench show`: every plugin is listed and has a card that can be read."""

import json

import pytest
from program_files import plugin_file

from usbench import registry
from usbench.cli.app import run_command


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


def test_the_card_of_a_file_is_shown_like_a_registered_one(tmp_path, capsys):
    file = plugin_file(tmp_path, "mine")
    assert run_command(["show", str(file), "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert about["name"] == "mine"
    assert about["title"] == "Mine"
    assert about["origin"] == str(file)
    assert about["parameters"] == {"size": 5}
    assert run_command(["show", str(tmp_path / "no.py")]) == 2
    assert "does not exist" in capsys.readouterr().err
