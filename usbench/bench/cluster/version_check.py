"""Whether a unit is the same on this machine as where it was planned."""

import platform
from collections.abc import Mapping, Sequence
from functools import cache

from usbench import registry
from usbench.bench.plan import Unit, unit_key
from usbench.core.source_hash import code_hash
from usbench.evaluation.evaluate import Row, describe, judge
from usbench.evaluation.provenance import library_versions

# What differs, in words, by the column of `describe` in which it shows.
WORDS = {
    "params": "the method's parameters",
    "code_hash": "the code of the method or a package that it uses",
    "weights_hash": "the method's weights",
    "dataset_version": "the version of the data set",
    "data_hash": "the data set's content or code",
    "specs": "the definitions of metrics",
}


@cache
def installed(metrics: tuple[str, ...]) -> Mapping[str, str]:
    """Return the versions of Python and packages and hashes of the code that judges, by names that a user knows."""
    functions = {f"the metric {name}": code_hash(registry.load_metric(name).function) for name in metrics}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **library_versions(), "usbench's own code": code_hash(judge), **functions}


def differences(unit: Unit, expected: Mapping[str, str]) -> list[str]:
    """Return what is not on this machine as it was where the unit was planned, in words; nothing if all is.

    Parameters
    ----------
    unit
        With the columns and the key that it has there.
    expected
        What `installed` returned there.

    Raises
    ------
    UsbenchError
        If the method, the data set or a metric cannot be loaded.
    """
    method, dataset, metrics = unit.load()
    found = installed(unit.metrics)
    differing = [_versions(name, found.get(name, ""), version) for name, version in expected.items()]
    same = {"device": unit.device, "origin": unit.about["origin"], "tuning": unit.about["tuning"]}
    about = describe(method, dataset, metrics, **same)
    differing += _columns(about, unit.about)
    if about == unit.about and unit_key(about, dataset.ids()[unit.start : unit.stop]) != unit.key:
        differing.append("the names of the data set's samples")
    return [text for text in differing if text]


def _versions(name: str, found: str, expected: str) -> str:
    if found == expected:
        return ""
    is_code = name.startswith(("usbench's", "the metric"))
    return name if is_code else f"{name} ({found or 'none'} instead of {expected or 'none'})"


def _columns(found: Row, expected: Row) -> Sequence[str]:
    names = [name for name in found if found[name] != expected.get(name)]
    return [WORDS[name] for name in names if name in WORDS] or names
