"""Data sets that are broken on purpose: each is caught, by the rule that names its fault."""

import pytest
from broken_plugins import assert_broken

from usbench.conformance import check_plugin
from usbench.scaffold import plugin_source

LOAD = "        sample_id = self.ids()[index]\n"

# What is replaced in a new plugin, by what, the rules that it breaks or leaves doubtful, part of a reason.
FAULTS = {
    "a set with one id twice": (
        'f"{self.split}-{index:03d}"',
        'f"{self.split}-{index // 2:03d}"',
        {"has unique ids"},
        "ids are not unique",
    ),
    "a set whose splits share ids": (
        'f"{self.split}-{index:03d}" for index in range(self.count)',
        'f"{index:03d}" for index in range(self.count + len(self.split))',
        {"keeps its test split apart"},
        "is in the test split and in another",
    ),
    "a set drawn afresh": (
        "generator(self.name, self.version, sample_id)",
        "np.random.default_rng()",
        {"loads the same first sample twice", "loads the same sample in any order", "shares no memory between loads"},
        "different pixels",
    ),
    "a set that calls its samples otherwise": (
        "id=sample_id, image",
        "id=sample_id.upper(), image",
        {"loads the same first sample twice"},
        "the first id is 'test-000'",
    ),
    "a set that sets the global seed": (
        LOAD,
        LOAD + "        np.random.seed(index)\n",
        {"leaves the global random generators alone"},
        "numpy.random",
    ),
    "a set that asks the network": (
        LOAD,
        LOAD + "        __import__('socket').socket().connect_ex(('127.0.0.1', 9))\n",
        {"opens no network connection"},
        "127.0.0.1:9",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught_by_the_rule_that_names_it(fault, tmp_path):
    assert_broken("dataset", *FAULTS[fault], tmp_path)


def test_a_set_that_shares_its_memory(tmp_path):
    source = plugin_source("dataset", "broken_one")
    source = source.replace(
        "        return usbench.Sample(id", "        return HELD.setdefault(index, usbench.Sample(id"
    )
    source = source.replace("reference=clean)", "reference=clean))").replace("SIZE = 128", "HELD = {}\nSIZE = 128")
    (tmp_path / "broken_one.py").write_text(source)
    found = {finding.check: finding for finding in check_plugin(str(tmp_path / "broken_one.py"))}
    assert {name for name, finding in found.items() if not finding.passed} == {"shares no memory between loads"}
