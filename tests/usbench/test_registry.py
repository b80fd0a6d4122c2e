"""Finding plugins: ours, a stranger's distribution, a user's file; and what happens when they are broken."""

import subprocess
import sys
from pathlib import Path

import pytest
from program_files import plugin_file, program

from usbench import registry
from usbench.core.errors import PluginError, UsageError

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "stranger-{name}"
version = "1"
[tool.setuptools]
py-modules = ["{module}"]
[project.entry-points."usbench.methods"]
{entries}
[project.entry-points."usbench.simulators"]
halve-{name} = "{module}:Halve"
[project.entry-points."usbench.datasets"]
grey-{name} = "{module}:Grey"
[project.entry-points."usbench.metrics"]
brightness_{name} = "{module}:BRIGHTNESS"
"""


@pytest.fixture(scope="session")
def install(tmp_path_factory):
    """Build and install distributions into a folder of their own, and run Python with that folder on its path."""
    site = tmp_path_factory.mktemp("site")

    def add(name: str, entries: str, source: str | None = None) -> None:
        project = tmp_path_factory.mktemp(name)
        module = f"stranger_{name}"
        text = PYPROJECT.format(name=name, module=module, entries=entries.format(module=module))
        (project / "pyproject.toml").write_text(text)
        (project / f"{module}.py").write_text(source or program("distribution", NAME=name))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*pip, "--upgrade", "--target", str(site), str(project)], check=True, capture_output=True)

    add("good", 'invert-good = "{module}:invert"')
    add("thief", 'invert-good = "{module}:invert"\nother = "{module}:invert"')
    add("ruin", 'ruined = "{module}:invert"', source="raise RuntimeError('this module is ruined')")
    return site


def run_with(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    import os

    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "usbench", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.full
def test_a_strangers_distribution_adds_one_of_each_kind(install, tmp_path):
    done = run_with(
        install, "run", "-m", "other[strength=0.5]", "-d", "grey-good+halve-good", "--metric", "brightness_good",
        "--no-timing", "--workers", "1", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    import json

    means = {entry["method"]: entry["mean"] for entry in json.loads(done.stdout)}
    assert means["identity"] == pytest.approx(0.3, abs=0.01)
    assert means["other[strength=0.5]"] == pytest.approx(0.35, abs=0.01)


@pytest.mark.full
def test_a_collision_names_both_origins_and_takes_nothing_else_down(install, tmp_path):
    done = run_with(install, "show", "invert-good", cwd=tmp_path)
    assert done.returncode == 1
    assert "stranger-good: stranger_good:invert" in done.stderr
    assert "stranger-thief: stranger_thief:invert" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.full
def test_a_broken_plugin_is_listed_with_its_reason(install, tmp_path):
    done = run_with(install, "list", "methods", cwd=tmp_path)
    assert done.returncode == 0
    listed = " ".join(done.stdout.split())
    assert "RuntimeError: this module is ruined" in listed
    assert "gan-d" in listed
    assert "other" in listed


def test_every_registered_plugin_of_ours_loads():
    for kind in registry.KINDS:
        assert [plugin.broken for plugin in registry.plugins(kind) if plugin.broken] == []


@pytest.mark.parametrize(("wrong", "right"), [("medain", "median"), ("gan_d", "gan-d"), ("sradd", "srad")])
def test_did_you_mean(wrong, right):
    with pytest.raises(UsageError, match=f"Did you mean '{right}'"):
        registry.load_method(wrong)


def test_a_name_of_another_kind_is_pointed_out():
    with pytest.raises(UsageError, match="one of the simulators"):
        registry.load_method("rayleigh")


def test_unknown_parameters_name_what_there_is():
    with pytest.raises(UsageError, match=r"no parameter 'iteration'.*Did you mean 'iterations'"):
        registry.load_method("srad[iteration=3]")
    with pytest.raises(UsageError, match="iterations='many' is refused"):
        registry.load_method("srad[iterations=many]")
    with pytest.raises(UsageError, match="greater than or equal to 1"):
        registry.load_method("srad", iterations=0)


def test_names_are_canonical_and_hashes_cover_defaults():
    first = registry.load_method("srad[time_step=0.1,iterations=30]")
    second = registry.load_method("srad", iterations="30", time_step=0.1)
    assert first == second
    assert first.label == second.label == "srad[iterations=30,time_step=0.1]"
    assert first.values_hash() == second.values_hash() != registry.load_method("srad").values_hash()
    assert registry.load_method("srad[iterations=200]").label == "srad"


def test_a_users_file_needs_no_packaging(tmp_path):
    file = plugin_file(tmp_path, "halve")
    method = registry.load_method(f"{file}[by=4]")
    assert method.label == "halve[by=4]"
    assert registry.method_plugin(str(file)).origin == str(file)


def test_a_file_with_two_methods_asks_which(tmp_path):
    file = plugin_file(tmp_path, "two")
    with pytest.raises(UsageError, match="defines one, other"):
        registry.load_method(str(file))
    assert registry.load_method(f"{file}:other").label == "other"
    with pytest.raises(UsageError, match="Did you mean 'other'"):
        registry.load_method(f"{file}:othr")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x = 1", "defines no method"), ("import nosuchmodule", "No module named"), ("def (", "SyntaxError")],
)
def test_a_useless_file_says_why(tmp_path, text, reason):
    file = tmp_path / f"useless{abs(hash(text))}.py"
    file.write_text(text)
    with pytest.raises(PluginError, match=reason):
        registry.load_method(str(file))


def test_a_missing_file_is_named():
    with pytest.raises(UsageError, match=r"nosuch\.py does not exist"):
        registry.load_method("nosuch.py")


def test_products_need_a_clean_source_and_one_simulator():
    with pytest.raises(UsageError, match="speckle can be added to clean sources only"):
        registry.load_dataset("echo+rayleigh")
    with pytest.raises(UsageError, match="names several simulators"):
        registry.load_dataset("natural+rayleigh+psf")
    product = registry.load_dataset("shapes[count=3]+psf[lateral=2]", split="val")
    assert product.label == "shapes[count=3]+psf[lateral=2]"
    assert product.split == "val"
    assert len(product) == 3


def test_a_method_that_lacks_weights_is_there_once_they_are_given(tmp_path):
    file = plugin_file(tmp_path, "needs_weights")
    for name in (str(file), f"{file}[weights=]"):
        with pytest.raises(PluginError, match="no weights yet"):
            registry.load_method(name)
    assert registry.load_method(f"{file}[weights=mine.json]").weights == "mine.json"
    assert registry.load_method(str(file), weights="mine.json").weights == "mine.json"
    assert registry.method_plugin(str(file)).unavailable
