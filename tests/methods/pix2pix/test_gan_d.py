"""`usbench train gan-d` makes the shipped weights: its first steps are those of the card's curve."""

import csv

import pytest
from usbench.methods.pix2pix.gan_d import GanD

from usbench.training.contracts import Hardware, Schedule
from usbench.training.loop import fit
from usbench.weights.shards import read_index

LOSSES = ("relative", "structure", "response")


class Reported(Exception):
    """The first losses are known."""


@pytest.mark.slow
def test_the_first_steps_are_those_of_the_curve_of_the_card(shared_data, tmp_path):
    index = GanD.weights_index()
    card = read_index(index)
    with index.with_suffix(".curve.csv").open(newline="") as file:
        first = next(csv.DictReader(file))
    folders = {kind: [shared_data / name for name in names] for kind, names in GanD.training_folders.items()}
    recipe = GanD.recipe(folders)
    assert (recipe.steps, recipe.batch) == (card["steps"], card["batch"])
    assert recipe.card["folders"] == card["folders"]
    assert recipe.card["objective"] == card["objective"]
    seen = {}

    def stop(made):
        seen.update(step=made.step, **made.losses)
        raise Reported

    with pytest.raises(Reported):
        fit(recipe, Schedule(card["steps"], card["batch"]), tmp_path, Hardware("cpu", loaders=1), stop)
    assert seen.pop("step") == int(first["step"])
    expected = {name: float(first[name]) for name in LOSSES}
    assert {name: seen[name] for name in LOSSES} == pytest.approx(expected, rel=0.1)
