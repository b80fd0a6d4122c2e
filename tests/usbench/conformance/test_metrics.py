"""Metrics that are broken on purpose: each is caught, by the rule that names its fault."""

import pytest
from broken_plugins import assert_broken

VALUE = "    return float(np.sqrt(np.mean((estimate - reference) ** 2)))"

# What is replaced in a new plugin, by what, the rules that it breaks or leaves doubtful, part of a reason.
FAULTS = {
    "a reversed metric": (
        'better="lower"',
        'better="higher"',
        {"prefers the reference to noise"},
        "looks reversed",
    ),
    "a metric that is not a number": (VALUE, "    return float('nan')", {"is a finite number"}, "gave nan"),
    "a metric with noise": (
        VALUE,
        VALUE + " + 1e-3 * np.random.default_rng().random()",
        {"gives the same number twice", "accepts strided images"},
        "two values",
    ),
    "a metric without a definition": (
        'spec="sqrt(mean((y - x)^2)), grey range [0, 1]"',
        'spec=""',
        {"has a complete card"},
        "no spec",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught_by_the_rule_that_names_it(fault, tmp_path):
    assert_broken("metric", *FAULTS[fault], tmp_path)
