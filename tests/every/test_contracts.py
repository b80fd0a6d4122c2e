"""Every registered plugin keeps the contract of its kind; the list is the registry's."""

import json
import subprocess
import sys

import pytest

from usbench import registry
from usbench.conformance import check_loaded, check_plugin
from usbench.conformance.findings import Finding
from usbench.core.simulator import Insertion
from usbench.weights.cards import plugin_card

DIRECTORY_SETS = {"folder"}  # cannot be made without a user's files; tested on its own
CHEAPER = {  # the contract is tested on what is quick
    "simus": "simus[density=0.05,waves=1]",
    "gan-s": "gan-s[drawings=2]",
    "ir-sde": "ir-sde[steps=2,draws=2]",
    "dip": "dip[iterations=1,width=2]",
    "zs-n2n": "zs-n2n[iterations=3,width=4]",
}
LONG = {"bm3d", "bm3d-homomorphic", "genlik", "nllrf", "wnnm"}  # many seconds each for all sizes and threads

# What the report doubts, and we know of; a new doubt fails.
DOUBTS = {
    "identity": {"removes speckle"},
    "guided": {"removes speckle"},  # its paper's eps is above the variance of little speckle
    "noise2void": {"leaves everything in its place", "keeps a flat image flat"},  # half a pixel, its speckle
    "speckle2self": {"leaves everything in its place", "keeps a flat image flat"},  # .4 pixels
    "stored-image": {"leaves everything in its place", "keeps a flat image flat"},  # it returns another image
    "gan-d-zenodo": {"removes speckle", "leaves everything in its place", "keeps a flat image flat"},  # random here
    "dip": {"removes speckle", "leaves everything in its place", "keeps a flat image flat"},  # after one step
    "ir-sde": {"removes speckle", "leaves everything in its place", "keeps a flat image flat"},  # after two steps
    "zs-n2n": {"removes speckle", "leaves everything in its place", "keeps a flat image flat"},
}


def told(findings: list[Finding], status: str) -> list[str]:
    return [f"{finding.check}: {finding.reason}" for finding in findings if finding.status == status]


def trained(name: str) -> bool:
    return hasattr(registry.find("methods", name).target, "weights_index")


def known_doubts(name: str) -> set[str]:
    """Of trained networks none keeps a flat image quite flat."""
    return DOUBTS.get(name, {"keeps a flat image flat"} if trained(name) else set())


def doubts(findings: list[Finding]) -> set[str]:
    return {finding.check for finding in findings if finding.status == "warning"}


METHODS = [
    pytest.param(name, marks=[pytest.mark.full] * (name in {*LONG, *CHEAPER})) for name in registry.names("methods")
]


@pytest.mark.parametrize("name", METHODS)
def test_method(name):
    if reason := registry.find("methods", name).unavailable:
        pytest.skip(reason)
    findings = check_plugin(CHEAPER.get(name, name))
    assert told(findings, "broken") == []
    assert doubts(findings) <= known_doubts(name)


@pytest.mark.parametrize("name", registry.names("methods"))
def test_the_card_says_whose_value_each_default_is(name):
    method = registry.find("methods", name).target
    if method.card.family != "control":
        assert set(method.card.default_from) == set(method.defaults()) - {"weights", "exact", "seed"}


@pytest.mark.parametrize("name", registry.names("simulators"))
def test_simulator(name):
    findings = list(check_loaded("simulators", registry.load_simulator(CHEAPER.get(name, name))))
    assert told(findings, "broken") + told(findings, "warning") == []


@pytest.mark.parametrize("name", registry.names("metrics"))
def test_metric(name):
    findings = check_plugin(name)
    assert told(findings, "broken") + told(findings, "warning") == []


@pytest.mark.parametrize("name", sorted(set(registry.names("datasets")) - DIRECTORY_SETS))
def test_dataset(name):
    if reason := registry.find("datasets", name).unavailable:
        pytest.skip(reason)
    findings = check_plugin(name)
    assert told(findings, "broken") + told(findings, "warning") == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_everything_by_one_command():
    command = [sys.executable, "-m", "usbench", "check", "--all", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    reports = json.loads(done.stdout)
    assert {report["name"] for report in reports} == {name for kind in registry.KINDS for name in registry.names(kind)}
    assert [report["name"] for report in reports if not report["passed"]] == []
    assert done.returncode == 0


@pytest.mark.full
@pytest.mark.parametrize("simulator", sorted(set(registry.names("simulators")) - {"simus"}))
@pytest.mark.parametrize("source", ["shapes[count=1]", "natural", "mri[template=1,redrawn=1]", "phantom[count=1]"])
def test_any_product_of_source_and_simulator(source, simulator):
    dataset = registry.load_dataset(f"{source}+{CHEAPER.get(simulator, simulator)}")
    inserts = issubclass(registry.find("simulators", simulator).target, Insertion)
    assert dataset.kind == ("clean" if inserts else "simulated")
    assert told(list(check_loaded("datasets", dataset)), "broken") == []


@pytest.mark.parametrize("kind", registry.KINDS)
def test_cards_are_complete(kind):
    for plugin in registry.plugins(kind):
        about = plugin_card(kind, plugin.name)
        assert about["title"]
        assert about["origin"].startswith("usbench: ")
        if kind == "simulators":
            assert "clip" in about["speckle"] or "[0, 1]" in about["speckle"]
