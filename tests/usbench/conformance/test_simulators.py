"""Simulators that are broken on purpose: each is caught, by the rule that names its fault."""

import pytest
from broken_plugins import assert_broken

SIMULATE = "        noisy = clean"

# What is replaced in a new plugin, by what, the rules that it breaks or leaves doubtful, part of a reason.
FAULTS = {
    "a simulator with a generator of its own": (
        "rng.normal(",
        "np.random.default_rng().normal(",
        {
            "draws only from the given generator",
            "keeps no state between images",
            "accepts strided images",
        },
        "two different images",
    ),
    "a simulator that ignores its generator": (
        "rng.normal(",
        "np.random.default_rng(0).normal(",
        {"draws only from the given generator"},
        "different generators gave the same image",
    ),
    "a simulator that is not clipped": (
        "np.clip(noisy, 0, 1).astype",
        "(2 * noisy).astype",
        {"returns valid images of the same shape"},
        "where [0, 1] is expected",
    ),
    "a simulator of float64": (
        "np.clip(noisy, 0, 1).astype(np.float32)",
        "np.clip(noisy, 0, 1)",
        {"returns float32"},
        "its image is float64",
    ),
    "a simulator that overwrites its input": (
        SIMULATE,
        "        clean *= 0.5\n" + SIMULATE,
        {
            "draws only from the given generator",
            "leaves its input unchanged",
            "keeps no state between images",
        },
        "overwrote its input",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught_by_the_rule_that_names_it(fault, tmp_path):
    assert_broken("simulator", *FAULTS[fault], tmp_path)
