"""Every registered plugin keeps the contract of its kind; the list is the registry's."""

import pytest

from usbench import registry
from usbench.check import check_dataset, check_plugin, check_simulator

DIRECTORY_SETS = {"folder"}  # cannot be made without a user's files; tested on its own
MINUTES_AN_IMAGE = {"simus": "simus[density=0.2,waves=1]"}  # the contract is tested on what is quick


@pytest.mark.parametrize("name", registry.names("methods"))
def test_method(name):
    assert [f"{f.check}: {f.reason}" for f in check_plugin(name) if not f.passed] == []


@pytest.mark.parametrize("name", registry.names("simulators"))
def test_simulator(name):
    quick = MINUTES_AN_IMAGE.get(name)
    findings = check_simulator(registry.load_simulator(quick)) if quick else check_plugin(name)
    assert [f"{f.check}: {f.reason}" for f in findings if not f.passed] == []


@pytest.mark.parametrize("name", registry.names("metrics"))
def test_metric(name):
    assert [f"{f.check}: {f.reason}" for f in check_plugin(name) if not f.passed] == []


@pytest.mark.parametrize("name", sorted(set(registry.names("datasets")) - DIRECTORY_SETS))
def test_dataset(name):
    if reason := registry.find("datasets", name).unavailable:
        pytest.skip(reason)
    assert [f"{f.check}: {f.reason}" for f in check_plugin(name) if not f.passed] == []


@pytest.mark.parametrize("simulator", sorted(set(registry.names("simulators")) - set(MINUTES_AN_IMAGE)))
@pytest.mark.parametrize("source", ["shapes[count=1]", "natural", "mri[template=1,redrawn=1]", "phantom[count=1]"])
def test_any_product_of_source_and_simulator(source, simulator):
    dataset = registry.load_dataset(f"{source}+{simulator}")
    assert dataset.kind == "simulated"
    assert [f"{f.check}: {f.reason}" for f in check_dataset(dataset) if not f.passed] == []


@pytest.mark.parametrize("kind", registry.KINDS)
def test_cards_are_complete(kind):
    for plugin in registry.plugins(kind):
        about = registry.explain(kind, plugin.name)
        assert about["title"]
        assert about["origin"].startswith("usbench: ")
        if kind == "simulators":
            assert "clip" in about["speckle"] or "[0, 1]" in about["speckle"]
