"""The wheel holds everything, and works outside the checkout."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from program_files import program

ROOT = Path(__file__).parent.parent

RUN = program("installed_run")


def build_wheel(folder: Path) -> Path:
    """Build a wheel of what is tracked, from a fresh copy, as a release does."""
    source = folder / "usbench"
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    names = tracked.stdout.split("\n") if tracked.returncode == 0 else _everything()
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    done = subprocess.run(build, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def _everything() -> list[str]:
    kept = (path for path in ROOT.rglob("*") if not any(part.startswith((".", "__")) for part in path.parts))
    return [str(path.relative_to(ROOT)) for path in kept if path.is_file()]


@pytest.mark.full
def test_the_wheel_holds_every_module_and_the_weights(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder, inside in (("usbench", "usbench"), ("methods", "usbench/methods"), ("datasets", "usbench/datasets")):
        for file in (ROOT / folder).rglob("*.py"):
            assert f"{inside}/{file.relative_to(ROOT / folder).as_posix()}" in held
    assert {"usbench/methods/pix2pix/weights/gan-d.json", "usbench/methods/pix2pix/weights/gan-d.safetensors"} <= held
    assert {"usbench/datasets/simus/l11-5v/index.json", "usbench/datasets/simus/l11-5v/seed-20000.png"} <= held
    for file in (ROOT / "usbench" / "board" / "page").rglob("*.*"):
        assert file.suffix == ".pyc" or f"usbench/{file.relative_to(ROOT / 'usbench').as_posix()}" in held
    assert not [name for name in held if name.split("/")[0] in ("methods", "datasets", "tests", "leaderboards")]


@pytest.mark.full
def test_the_same_source_builds_the_same_wheel_bit_for_bit(wheel, tmp_path):
    again = build_wheel(tmp_path)
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


@pytest.mark.full
def test_a_method_runs_from_the_wheel_outside_the_checkout(wheel, tmp_path):
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, timeout=300)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(site)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 10


def test_every_weights_file_is_small_enough_to_ship():
    for file in (ROOT / "methods" / "pix2pix" / "weights").iterdir():
        assert file.stat().st_size <= 15 * 2**20


def test_the_lock_file_has_every_requirement_with_a_hash_and_a_version_that_is_allowed():
    locked = {}
    for block in re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text()):
        if match := re.match(r"([A-Za-z0-9._-]+)==(\S+)", block):
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), match[1]
            locked[canonicalize_name(match[1])] = match[2]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["docs"], *extras["cluster"], *extras["onnx"]]
    for requirement in map(Requirement, wanted):
        if requirement.name != "usbench":
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement
