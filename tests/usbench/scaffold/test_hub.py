"""Folders for the Hub: read with the Hub's own card classes, and with mlcroissant."""

import json
import logging
import shutil

import mlcroissant
import pytest
from huggingface_hub import DatasetCard, ModelCard

import usbench
from usbench import registry
from usbench.cli.app import run_command
from usbench.core.errors import UsageError
from usbench.scaffold.hub import LICENCES, write_hub_folder
from usbench.weights.shards import WeightsError

WITH_FILES = {"oasbud": "545928"}  # sets with published hashes, and what their address holds


@pytest.mark.parametrize("name", [*registry.names("datasets"), "mri[template=2]+psf", "echo+lesions"])
def test_every_data_set_has_a_card_of_the_hub_and_a_croissant_file(name, tmp_path, caplog):
    assert write_hub_folder(name, tmp_path) == ["README.md", "croissant.json"]
    card = DatasetCard.load(tmp_path / "README.md")
    ours = (usbench.load_dataset(name) if "+" in name else registry.find("datasets", name).target).card
    assert card.data.pretty_name == ours.title
    assert card.data.license in (*LICENCES.values(), "other")
    assert ours.description in card.text
    with caplog.at_level(logging.WARNING):
        loaded = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json"))
    assert not [said for said in caplog.messages if "not standard" in said]
    assert loaded.metadata.name
    assert loaded.metadata.description == ours.description
    addresses = [file.content_url for file in loaded.metadata.distribution]
    assert bool(addresses) == (name in WITH_FILES)
    assert all(WITH_FILES[name] in address for address in addresses)


def test_licences_that_the_hub_does_not_know_are_named(tmp_path):
    write_hub_folder("ccaui", tmp_path / "known")
    assert DatasetCard.load(tmp_path / "known" / "README.md").data.license == "cc-by-4.0"
    write_hub_folder("udiat", tmp_path / "other")
    data = DatasetCard.load(tmp_path / "other" / "README.md").data
    assert (data.license, data.license_name) == ("other", "research agreement with its author")


@pytest.mark.parametrize("name", ["gan-d", "dncnn"])
def test_a_method_s_folder_runs_as_its_weights(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["hub", name]) == 0
    folder = tmp_path / "hub" / name
    assert (
        capsys.readouterr().out == f"Wrote {', '.join(sorted(file.name for file in folder.iterdir()))} to hub/{name}.\n"
    )
    card = ModelCard.load(folder / "README.md")
    assert card.data.library_name == "usbench"
    assert card.data.license == "apache-2.0"
    assert "ultrasound" in card.data.tags
    shutil.move(folder, tmp_path / "fetched")  # as `hf download --local-dir fetched` leaves it
    mine = usbench.load_method(name, weights="fetched")
    assert mine.weights_hash() == usbench.load_method(name).weights_hash()
    assert mine.training_fingerprints()
    mine.prepare()


def test_a_method_without_weights_has_nothing_to_publish(tmp_path):
    with pytest.raises(UsageError, match="median has no trained weights"):
        write_hub_folder("median", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_card_of_any_text_stays_one_yaml_head(tmp_path, monkeypatch):
    target = registry.find("datasets", "hc18").target
    nasty = 'a: b\n---\n"quoted" # {no} [list]'
    monkeypatch.setattr(target, "card", target.card.model_copy(update={"title": nasty, "licence": nasty}))
    write_hub_folder("hc18", tmp_path)
    data = DatasetCard.load(tmp_path / "README.md").data
    assert (data.pretty_name, data.license_name) == (nasty, nasty)
    assert json.loads((tmp_path / "croissant.json").read_text())["license"] == nasty


@pytest.mark.parametrize("entry", [{"training_images": {"file": "../secret", "sha256": ""}}, {"files": "a link"}])
def test_a_card_from_elsewhere_has_no_other_file_published(entry, tmp_path):
    (tmp_path / "secret").write_text("private")
    theirs = tmp_path / "theirs"
    write_hub_folder("dncnn", theirs)
    card = json.loads((theirs / "dncnn.json").read_text())
    if "files" in entry:
        (theirs / "dncnn.safetensors").unlink()
        (theirs / "dncnn.safetensors").symlink_to(tmp_path / "secret")
    else:
        (theirs / "dncnn.json").write_text(json.dumps({**card, **entry}))
    with pytest.raises(WeightsError):
        write_hub_folder(f"dncnn[weights={theirs}]", tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
