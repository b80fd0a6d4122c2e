"""What others read of the project: citation, Zenodo, package metadata, and the container file."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from cffconvert.cli.create_citation import create_citation
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
ZENODO = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))


def test_the_citation_is_valid_cff_and_of_this_version():
    create_citation(str(ROOT / "CITATION.cff"), None).validate()
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["license"] == PROJECT["license"]


def test_an_invalid_citation_would_be_found(tmp_path):
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (tmp_path / "CITATION.cff").write_text(text.replace("type: software", "type: sofware"))
    with pytest.raises(Exception, match="sofware"):
        create_citation(str(tmp_path / "CITATION.cff"), None).validate()


def test_zenodo_says_what_the_citation_says():
    assert ZENODO["title"] == CITATION["title"]
    assert ZENODO["license"] == CITATION["license"]
    assert ZENODO["keywords"] == CITATION["keywords"]
    assert ZENODO["description"] == CITATION["abstract"].strip()
    assert [one["name"] for one in ZENODO["creators"]] == [one["name"] for one in CITATION["authors"]]
    assert ZENODO["upload_type"] == "software"


def test_classifiers_name_the_versions_of_python_from_the_oldest_on():
    prefix = "Programming Language :: Python :: 3."
    named = sorted(int(one.removeprefix(prefix)) for one in PROJECT["classifiers"] if one.startswith(prefix))
    oldest = int(PROJECT["requires-python"].removeprefix(">=3."))
    assert named == list(range(oldest, named[-1] + 1))
    assert all(address.startswith("https://doi.org/") for address in PROJECT["urls"].values())


def test_the_container_is_built_from_the_lock_and_the_checkout_alone():
    lines = [line for line in (ROOT / "Containerfile").read_text().splitlines() if line and not line.startswith("#")]
    orders = [line.partition(" ")[0] for line in lines]
    assert orders[0] == "FROM"
    assert f"python:3.{PROJECT['requires-python'].removeprefix('>=3.')}-slim" in lines[0]
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation ." in installs[1]
    assert re.search(r"(?m)^setuptools==", (ROOT / "requirements.lock").read_text())  # no isolation: it has to be there
    assert not [line for line in lines if "http" in line or line.startswith("ADD")]
    assert orders[-2:] == ["ENTRYPOINT", "CMD"]


def test_the_lock_has_every_dependency():
    locked = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *(one for name in ("test", "docs", "cluster", "onnx") for one in extras[name])]
    names = {re.split(r"[\[<>=~! ;]", one)[0].lower().replace("_", "-") for one in wanted} - {"usbench"}
    assert names - locked == set()


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="there is no hadolint here")
def test_hadolint_finds_nothing_in_the_container_file():
    done = subprocess.run(["hadolint", str(ROOT / "Containerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
