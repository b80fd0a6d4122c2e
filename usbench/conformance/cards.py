"""Rules on cards of plugins, and on their training and tuning data."""

import re
from collections.abc import Sequence
from typing import Any

from usbench import registry
from usbench.bench.suites import suite
from usbench.conformance.findings import NotApplicable, Rule, Suspicion, require
from usbench.core.metric import Metric
from usbench.weights.leakage import find_leaks

DOI = re.compile(r"10\.\d{4,9}/\S+")
NEEDED = {
    "methods": ("title", "family", "licence"),
    "simulators": ("title", "speckle", "licence"),
    "datasets": ("title", "description", "splits", "licence"),
}
TEST_SPLIT = "test"


def card_rule(kind: registry.Kind, plugin: Any) -> Rule:
    """Return the rule that the card is complete."""

    def complete() -> None:
        if isinstance(plugin, Metric):
            missing = [key for key in ("title", "spec") if not getattr(plugin, key).strip()]
            require(not missing, f"it has no {' and no '.join(missing)}")
            return
        missing = [key for key in NEEDED[kind] if not getattr(plugin.card, key).strip()]
        require(not missing, f"its card has no {' and no '.join(missing)}")
        doi = getattr(plugin.card, "doi", "")
        require(not doi or bool(DOI.fullmatch(doi)), f"{doi!r} is not a DOI such as 10.NUMBER/NAME")
        text = type(plugin).__doc__ or ""
        automatic = text.startswith(f"{type(plugin).__name__}(")  # written by dataclass if there is none
        if automatic or not text.strip():
            raise Suspicion("it has no docstring")

    return Rule("has a complete card", complete, "Fill it in where the plugin is defined; `usbench show` prints it.")


def declared_rule(plugin: Any) -> Rule:
    """Return the rule that the card names no test split as training or tuning data."""

    def no_test_split() -> None:
        declared = [*plugin.card.trained_on, *getattr(plugin.card, "tuned_on", ())]
        if not declared:
            raise NotApplicable("its card names no training or tuning data")
        found = [entry for entry in declared if entry.rpartition("/")[2] == TEST_SPLIT]
        require(not found, f"its card names {', '.join(found)}")
        known = {*registry.names("datasets")}
        bare = [entry for entry in declared if "/" not in entry and entry.partition("+")[0].partition("[")[0] in known]
        require(not bare, f"its card names {', '.join(bare)} without the split, which may be a test split")

    advice = "Train on `train`, tune on `val`, and name them as DATASET/SPLIT in the card."
    return Rule("was neither trained nor tuned on a test split, by its card", no_test_split, advice)


def training_rule(plugin: Any, datasets: Sequence[str]) -> Rule:
    """Return the rule that no training image is in a test split of `datasets` (the default suite if empty)."""

    def no_leak() -> None:
        if not hasattr(plugin, "training_fingerprints"):
            if getattr(plugin, "weights_hash", str)():
                raise NotApplicable("it has weights or a program, but no training_fingerprints() to compare")
            raise NotApplicable("it is not trained")
        listed = plugin.training_fingerprints()
        require(bool(listed), "its weights have no list of training images")
        leaks = []
        for name in datasets or suite("default")[0]:
            leaks += find_leaks(listed, registry.load_dataset(name, split=TEST_SPLIT))
        others = f", and {len(leaks) - 1} more" if len(leaks) > 1 else ""
        require(not leaks, f"{leaks[0] if leaks else ''}{others}")

    advice = "Train again without them: results on training images mean nothing."
    return Rule("was not trained on test images of the suite", no_leak, advice)
