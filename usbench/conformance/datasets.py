"""The contract of a data set, as rules."""

import numpy as np

from usbench.conformance.cards import card_rule
from usbench.conformance.findings import NotApplicable, Rule, require
from usbench.conformance.trial import Trial, side_effect_rules
from usbench.core.dataset import Dataset
from usbench.core.inserted_set import InsertedSet
from usbench.core.sample import Sample
from usbench.core.simulated_set import SimulatedSet

SPLITS = ("train", "val", "test")


def dataset_rules(dataset: Dataset, trial: Trial) -> list[Rule]:
    """Return the rules of a data set, in the order in which they are tested."""

    def load(index: int) -> Sample:
        quiet = ("random", "numpy.random")  # a simulator may make a network, whose layers draw from torch's
        return trial.call(lambda: dataset[index], generators=quiet)

    def listed() -> str:
        ids = list(trial.call(dataset.ids))
        require(len(ids) == len(set(ids)) == len(dataset), "ids are not unique, or not as many as samples")
        require(bool(ids), f"the split {dataset.split!r} is empty")
        return f"{len(ids)} in {dataset.split!r}"

    def in_time() -> str:
        sample = load(0)
        require(isinstance(sample, Sample), f"it loaded {type(sample).__name__} where a Sample is expected")
        return f"the first is {sample.image.shape[0]} x {sample.image.shape[1]} pixels"

    def stable() -> None:
        first, again = load(0), load(0)
        require(first.input_hash == again.input_hash, "the same sample was loaded with different pixels")
        require(first.id == dataset.ids()[0], f"the first id is {dataset.ids()[0]!r} and its sample says {first.id!r}")

    def order() -> None:
        if len(dataset) < 2:
            raise NotApplicable("it has one sample")
        before = load(0).input_hash
        load(-1)
        require(load(0).input_hash == before, "the first sample changed after the last was loaded")

    def not_shared() -> None:
        sample = load(0)
        image = np.array(sample.image)
        if sample.image.flags.writeable:
            sample.image[...] = 0
        require(np.array_equal(load(0).image, image), "changing a loaded image changes the data set")

    def splits() -> str:
        if isinstance(dataset, SimulatedSet | InsertedSet):
            raise NotApplicable("its splits are its source's")
        values = dataset.values()
        held = {split: set(type(dataset).create({**values, "split": split}).ids()) for split in SPLITS}
        shared = held["test"] & (held["train"] | held["val"])
        if shared and held["test"] == held["train"] == held["val"]:
            raise NotApplicable("every split is the whole set")
        require(not shared, f"{min(shared, default='')} is in the test split and in another")
        return ", ".join(f"{len(ids)} in {split!r}" for split, ids in held.items())

    return [
        card_rule("datasets", dataset),
        Rule("has unique ids", listed, "An id names one sample, in all versions of the code.", vital=True),
        Rule("loads its first sample within the time limit", in_time, "load(index) returns a usbench.Sample.", True),
        Rule("loads the same first sample twice", stable, "Draw from usbench.core.rng.generator(name, version, id)."),
        Rule("loads the same sample in any order", order, "A sample depends on its id alone."),
        Rule("shares no memory between loads", not_shared, "Return a copy of kept arrays."),
        Rule("keeps its test split apart", splits, "An id belongs to one split; parts of one patient too."),
        *side_effect_rules(trial),
    ]
