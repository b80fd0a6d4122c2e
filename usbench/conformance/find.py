"""Find the plugin of a name or file, of any kind."""

import inspect
from pathlib import Path
from typing import Any

from usbench import registry
from usbench.core.errors import PluginError, UsageError
from usbench.core.metric import Metric
from usbench.core.specifiers import parse_name, split_product
from usbench.registry import BASES, KINDS, Kind, checked, import_file, meant


def find_plugin(name: str) -> tuple[Kind, Any]:
    """Return the kind and the plugin of a name.

    Parameters
    ----------
    name
        A registered name of any kind, with or without parameters; `source+simulator`; or `file.py`, followed by `:NAME`
        if the file has several plugins.

    Returns
    -------
    tuple
        `methods`, `datasets`, `simulators` or `metrics`; and the method, data set, simulator or metric.

    Raises
    ------
    UsageError
        If nothing has the name.
    PluginError
        If the plugin is broken or not available here.
    """
    if _file_of(name):
        return _in_file(name)
    if len(split_product(name)) > 1 or name.partition(":")[0].partition("[")[0] in registry.names("datasets"):
        return "datasets", registry.load_dataset(name)
    plain = parse_name(name)[0]
    if plain in registry.names("metrics"):
        return "metrics", registry.load_metric(name)
    if plain in registry.names("simulators"):
        return "simulators", registry.load_simulator(name)
    return "methods", registry.load_method(name)


def _file_of(name: str) -> str:
    """Return the `.py` file at the beginning of a name; empty if there is none."""
    head, dot, tail = name.partition("[")[0].rpartition(".py")
    return head + dot if dot and (not tail or tail.startswith(":")) else ""


def _in_file(name: str) -> tuple[Kind, Any]:
    plain, given = parse_name(name)
    file = _file_of(name)
    wanted = plain[len(file) + 1 :]
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise UsageError(f"The file {file} does not exist.")
    module = import_file(path)
    found = {key: kind for key, value in vars(module).items() if (kind := _kind_of(value, module.__name__))}
    key = meant(found, wanted, file, "plugin", "`usbench new method my_filter` writes one to start from.")
    kind = found[key]
    if kind == "methods":
        return kind, registry.load_method(name)
    target = vars(module)[key]
    own_name = target.name or key
    if own_name in registry.names(kind):
        raise PluginError(f"The {kind[:-1]} {own_name!r} of {path} has the name of the registered one; rename it.")
    target = checked(kind, own_name, target, str(path))
    return kind, target if kind == "metrics" else target.create(given)


def _kind_of(value: Any, module: str) -> Kind | None:
    if isinstance(value, Metric):
        return "metrics"
    if inspect.isclass(value) and value.__module__ == module:
        return next((kind for kind in KINDS if kind != "metrics" and issubclass(value, BASES[kind])), None)
    return None
