"""The verdict suite is out of distribution for every network that is shipped, by rule."""

import json
from pathlib import Path

import pytest

from usbench import registry
from usbench.bench.suites import CONTROLS, SUITES, TRANSFER, VERDICT, suite
from usbench.core.errors import UsageError
from usbench.core.specifiers import parse_name, split_product

ROOT = Path(__file__).parents[3]


def parts(label: str) -> set[str]:
    """Names of source and simulator, without parameters; lesions are no speckle."""
    return {parse_name(part)[0].partition(":")[0] for part in split_product(label)} - {"lesions"}


def trained_on() -> dict[str, set[str]]:
    """What the cards of methods and simulators, and those of all shipped weights, say that was trained on."""
    found: dict[str, set[str]] = {}
    for kind in ("methods", "simulators"):
        for name, target in registry.working(kind).items():
            labels = [entry.partition("/")[0] for entry in target.card.trained_on]
            found[name] = set().union(*map(parts, labels)) if labels else set()
    for card in (ROOT / "methods").rglob("weights/*.json"):
        labels = json.loads(card.read_text()).get("products", ())
        found[card.name] = set().union(*map(parts, labels)) if labels else set()
    return found


def test_no_shipped_network_was_trained_on_a_source_or_simulator_of_it():
    known = trained_on()
    assert known["gan-d.json"] >= {"natural", "rayleigh"}
    used = set().union(*map(parts, VERDICT))
    assert {name: sorted(seen & used) for name, seen in known.items() if seen & used} == {}


def test_it_has_fine_and_coarse_grain_rf_and_inserted_lesions():
    assert any("lateral=6" in name for name in VERDICT)
    assert any(name.startswith("simus") for name in VERDICT)
    assert sum(name.endswith("+lesions") for name in VERDICT) >= 4
    assert all(len(registry.load_dataset(name)) >= 24 for name in VERDICT if "+psf" in name)


def test_sets_that_are_not_here_are_left_out_with_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("USBENCH_DATA", str(tmp_path))
    here, absent = suite("verdict")
    assert set(here) < set(VERDICT)
    assert any("busi" in sentence for sentence in absent)
    assert suite("default") == (list(SUITES["default"]), [])
    with pytest.raises(UsageError, match="no suite 'verdikt'; there are default, verdict, release"):
        suite("verdikt")


def test_the_release_has_the_other_suites_and_each_set_once():
    assert set(SUITES["release"]) > {*SUITES["default"], *VERDICT}
    labels = [registry.load_dataset(name).label for name in suite("release")[0]]
    assert len(labels) == len(set(labels)) > 20


def test_the_release_has_a_set_for_each_simulator_of_a_transfer_network():
    cards = (ROOT / "methods" / "deep" / "weights").glob("unet-transfer-*.json")
    trained = {card.stem.removeprefix("unet-transfer-") for card in cards}
    assert trained
    assert {f"abdomen+{name}" for name in trained} <= set(TRANSFER) <= set(SUITES["release"])


def test_controls_are_registered_and_say_that_they_are():
    for name in CONTROLS:
        assert registry.load_method(name).card.family == "control"
