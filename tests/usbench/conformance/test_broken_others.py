"""Data sets, simulators and metrics that are broken on purpose, each caught by the rule that names its fault."""

import pytest

from usbench.conformance import check_plugin
from usbench.scaffold import plugin_source

LOAD = "        sample_id = self.ids()[index]\n"
SIMULATE = "        noisy = clean"
VALUE = "    return float(np.sqrt(np.mean((estimate - reference) ** 2)))"

# kind, what is replaced in a new plugin, by what, the rules that it breaks or leaves doubtful, part of a reason.
FAULTS = {
    "a set with one id twice": (
        "dataset",
        'f"{self.split}-{index:03d}"',
        'f"{self.split}-{index // 2:03d}"',
        {"has unique ids"},
        "ids are not unique",
    ),
    "a set whose splits share ids": (
        "dataset",
        'f"{self.split}-{index:03d}" for index in range(self.count)',
        'f"{index:03d}" for index in range(self.count + len(self.split))',
        {"keeps its test split apart"},
        "is in the test split and in another",
    ),
    "a set drawn afresh": (
        "dataset",
        "generator(self.name, self.version, sample_id)",
        "np.random.default_rng()",
        {"loads the same first sample twice", "loads the same sample in any order", "shares no memory between loads"},
        "different pixels",
    ),
    "a set that calls its samples otherwise": (
        "dataset",
        "id=sample_id, image",
        "id=sample_id.upper(), image",
        {"loads the same first sample twice"},
        "the first id is 'test-000'",
    ),
    "a set that sets the global seed": (
        "dataset",
        LOAD,
        LOAD + "        np.random.seed(index)\n",
        {"leaves the global random generators alone"},
        "numpy.random",
    ),
    "a set that asks the network": (
        "dataset",
        LOAD,
        LOAD + "        __import__('socket').socket().connect_ex(('127.0.0.1', 9))\n",
        {"opens no network connection"},
        "127.0.0.1:9",
    ),
    "a simulator with a generator of its own": (
        "simulator",
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
        "simulator",
        "rng.normal(",
        "np.random.default_rng(0).normal(",
        {"draws only from the given generator"},
        "different generators gave the same image",
    ),
    "a simulator that is not clipped": (
        "simulator",
        "np.clip(noisy, 0, 1).astype",
        "(2 * noisy).astype",
        {"returns valid images of the same shape"},
        "where [0, 1] is expected",
    ),
    "a simulator of float64": (
        "simulator",
        "np.clip(noisy, 0, 1).astype(np.float32)",
        "np.clip(noisy, 0, 1)",
        {"returns float32"},
        "its image is float64",
    ),
    "a simulator that overwrites its input": (
        "simulator",
        SIMULATE,
        "        clean *= 0.5\n" + SIMULATE,
        {
            "draws only from the given generator",
            "leaves its input unchanged",
            "keeps no state between images",
        },
        "overwrote its input",
    ),
    "a reversed metric": (
        "metric",
        'better="lower"',
        'better="higher"',
        {"prefers the reference to noise"},
        "looks reversed",
    ),
    "a metric that is not a number": ("metric", VALUE, "    return float('nan')", {"is a finite number"}, "gave nan"),
    "a metric with noise": (
        "metric",
        VALUE,
        VALUE + " + 1e-3 * np.random.default_rng().random()",
        {"gives the same number twice", "accepts strided images"},
        "two values",
    ),
    "a metric without a definition": (
        "metric",
        'spec="sqrt(mean((y - x)^2)), grey range [0, 1]"',
        'spec=""',
        {"has a complete card"},
        "no spec",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught_by_the_rule_that_names_it(fault, tmp_path):
    kind, old, new, rules, reason = FAULTS[fault]
    source = plugin_source(kind, "broken_one")
    assert old in source
    file = tmp_path / "broken_one.py"
    file.write_text(source.replace(old, new))
    found = [finding for finding in check_plugin(str(file)) if finding.status in ("broken", "warning")]
    assert {finding.check for finding in found} == rules
    assert any(reason in finding.reason for finding in found)


def test_a_set_that_shares_its_memory(tmp_path):
    source = plugin_source("dataset", "broken_one")
    source = source.replace(
        "        return usbench.Sample(id", "        return HELD.setdefault(index, usbench.Sample(id"
    )
    source = source.replace("reference=clean)", "reference=clean))").replace("SIZE = 128", "HELD = {}\nSIZE = 128")
    (tmp_path / "broken_one.py").write_text(source)
    found = {finding.check: finding for finding in check_plugin(str(tmp_path / "broken_one.py"))}
    assert {name for name, finding in found.items() if not finding.passed} == {"shares no memory between loads"}
