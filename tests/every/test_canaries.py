"""A plugin whose output changes must change its version, or stored results would be wrong without anyone noticing."""

import copy

import canaries
import pytest
import torch

from usbench.core.errors import UsbenchError
from usbench.evaluation.limits import bound_threads

STORED = canaries.read()


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    bound_threads(1)
    yield
    bound_threads(before)


@pytest.mark.parametrize(("kind", "name"), canaries.plugins())
def test_the_output_changes_only_with_the_version(kind, name):
    try:
        found = canaries.MAKERS[kind](name)
    except UsbenchError as error:
        pytest.skip(str(error))
    if name.endswith("-zenodo"):
        pytest.skip("its weights are random here")
    fault = canaries.verdict(STORED.get(kind, {}).get(name), found)
    assert not fault, f"{name} {fault}; `python tests/every/canaries.py --write {name}`"


def test_every_canary_is_of_a_plugin():
    known = set(canaries.plugins())
    assert [name for kind, of_kind in STORED.items() for name in of_kind if (kind, name) not in known] == []


RECORD = {"version": "1", "values": [[0.5, 0.25], [0.125, 0.5]], "weights": "abc"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, ""),
        ({"values": [[0.5, 0.2501], [0.125, 0.5]]}, ""),
        ({"values": [[0.5, 0.26], [0.125, 0.5]]}, "bump the version or mend the change"),
        ({"values": [[0.5, 0.25]]}, "bump the version or mend the change"),
        ({"values": [["hash"], [0.125, 0.5]]}, "bump the version or mend the change"),
        ({"version": "2"}, "a canary of version 1: write it anew"),
        ({"weights": "def"}, "other weights"),
    ],
)
def test_a_changed_output_is_noticed(change, fault):
    found = copy.deepcopy(RECORD) | change
    assert fault in canaries.verdict(RECORD, found)
    assert bool(fault) is bool(canaries.verdict(RECORD, found))


def test_a_plugin_without_a_canary_is_noticed():
    assert "no canary" in canaries.verdict(None, RECORD)


def test_one_changed_line_of_a_filter_is_noticed(monkeypatch):
    from usbench.methods.classical.gaussian import Gaussian

    true = Gaussian.despeckle_stack
    monkeypatch.setattr(Gaussian, "despeckle_stack", lambda self, stack: 0.99 * true(self, stack))
    assert "bump the version" in canaries.verdict(STORED["methods"]["gaussian"], canaries.of_method("gaussian"))
