"""The card of every network names the sets it was trained on, as the card of its weights does."""

import json

import pytest

import usbench
from usbench import registry

SHIPPING = [
    (kind, plugin.name)
    for kind in ("methods", "simulators")
    for plugin in registry.plugins(kind)
    if hasattr(plugin.target, "weights_index") and plugin.target.weights_index().is_file()
]


def test_the_networks_are_found():
    assert {("methods", "gan-d"), ("methods", "dncnn"), ("simulators", "gan-s")} <= set(SHIPPING)


@pytest.mark.parametrize(("kind", "name"), SHIPPING)
def test_a_card_names_the_training_sets_of_the_shipped_weights(kind, name):
    target = registry.find(kind, name).target
    weights = json.loads(target.weights_index().read_text())
    declared = target.card.trained_on
    assert len(set(declared)) == len(declared)
    assert set(declared) == {f"{used}/train" for used in weights.get("products", [])}
    assert bool(declared) or "bmode" in weights["folders"]


def test_the_short_training_and_the_baselines_saw_other_sets_than_gan_d():
    trained_on = {
        name: registry.find("methods", name).target.card.trained_on for kind, name in SHIPPING if kind == "methods"
    }
    assert trained_on["dncnn"] == trained_on["gan-d-short"]
    assert set(trained_on["noise2void"]) - set(trained_on["unet"]) == {"hc18/train", "usgra/train"}
    assert "tissue+scanner/train" in trained_on["gan-d"]
    assert not [name for name in trained_on["dncnn"] if "processed" in name or "carotid" in name]


def test_on_other_weights_the_card_is_that_of_the_weights(tmp_path):
    assert usbench.load_method("unet-transfer", simulator="loupas").card.trained_on == (
        "natural+loupas/train",
        "mri+loupas/train",
        "phantom+loupas/train",
    )
    (tmp_path / "mine.json").write_text('{"network": "dncnn", "products": ["mri+rayleigh", "mri+rayleigh"]}')
    assert usbench.load_method("dncnn", weights=str(tmp_path / "mine.json")).card.trained_on == ("mri+rayleigh/train",)
    assert usbench.load_method("dncnn", weights=str(tmp_path / "none.json")).card.trained_on == ()
