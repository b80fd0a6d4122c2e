"""Finds plugins of all four kinds: entry points first, a user's own .py file second.

Entry points are read as text; a plugin's module is imported when the plugin is used. A name claimed by two
distributions, or a module that does not import, is an error when it is used, and a line in listings. It does not affect
other plugins.
"""

import dataclasses
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from usbench.core.dataset import Dataset
from usbench.core.errors import PluginError, UsageError, UsbenchError, reason, sentence
from usbench.core.inserted_set import InsertedSet
from usbench.core.method import Method
from usbench.core.metric import Metric
from usbench.core.parameters import Parameters, did_you_mean
from usbench.core.simulated_set import SimulatedSet
from usbench.core.simulator import Insertion, Simulator
from usbench.core.source_hash import file_tree_hash
from usbench.core.specifiers import parse_name, parse_path_name, split_product

Kind = Literal["methods", "datasets", "simulators", "metrics"]
KINDS: tuple[Kind, ...] = ("methods", "datasets", "simulators", "metrics")
FILE_OF = {"methods": "method", "datasets": "data set"}  # kinds that are loaded from a user's file
ADVICE = {
    "methods": "use @usbench.numpy_method or a subclass of usbench.Method.",
    "datasets": "use a subclass of usbench.Dataset.",
}
BASES: dict[str, type] = {"methods": Method, "datasets": Dataset, "simulators": Simulator, "metrics": Metric}


@dataclass(frozen=True)
class Plugin:
    """A registered plugin, loaded or not.

    Attributes
    ----------
    kind, name
        Such as `methods` and `lee`.
    origin
        The distribution and the object, such as `usbench: usbench.methods.classical.lee:Lee`, or the file.
    target
        The loaded class or `Metric`; None if it is broken.
    broken
        Why it cannot be used; empty if it can.
    """

    kind: Kind
    name: str
    origin: str
    target: Any = None
    broken: str = ""

    @property
    def unavailable(self) -> str:
        """Why it cannot be used here although it is not broken, such as missing weights; empty if it can."""
        asked = getattr(self.target, "unavailable", None)
        try:
            return asked() if asked else ""
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a plugin may raise anything
            return reason(error)

    @property
    def left_out(self) -> str:
        """Why a run of everything leaves it out: it is not available, or so slow that its class has `hours`."""
        return self.unavailable or getattr(self.target, "hours", "")


@cache
def _entries(kind: Kind) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=f"usbench.{kind}"):
        known = found.setdefault(entry.name, [])
        if all(_origin(entry) != _origin(other) for other in known):
            known.append(entry)
    return dict(sorted(found.items()))


def names(kind: Kind) -> list[str]:
    """Return the registered names of a kind, sorted, without importing anything."""
    return list(_entries(kind))


def plugins(kind: Kind) -> list[Plugin]:
    """Load all registered plugins of a kind; those that cannot be loaded have the reason in `broken`."""
    found = []
    for name, entries in _entries(kind).items():
        try:
            found.append(find(kind, name))
        except UsbenchError as error:
            found.append(Plugin(kind, name, " and ".join(map(_origin, entries)), broken=str(error)))
    return found


def find(kind: Kind, name: str) -> Plugin:
    """Return a plugin by its registered name.

    Raises
    ------
    UsageError
        If no plugin has the name.
    PluginError
        If two distributions claim the name, or the plugin does not import or is of another kind.
    """
    entries = _entries(kind).get(name, [])
    if not entries:
        raise UsageError(_unknown(kind, name))
    if len(entries) > 1:
        both = " and ".join(map(_origin, entries))
        raise PluginError(f"The {kind[:-1]} name {name!r} is claimed by {both}; uninstall or rename one of them.")
    return _load(kind, entries[0])


def working(kind: Kind) -> dict[str, Any]:
    """Return the classes or metrics of all working plugins of a kind, by name."""
    return {plugin.name: plugin.target for plugin in plugins(kind) if not plugin.broken}


@cache
def _load(kind: Kind, entry: EntryPoint) -> Plugin:
    origin = _origin(entry)
    try:
        target = entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin's module may raise anything, sys.exit included
        message = f"The {kind[:-1]} {entry.name!r} of {origin} cannot be loaded: {sentence(error)}"
        raise PluginError(message) from error
    return Plugin(kind, entry.name, origin, checked(kind, entry.name, target, origin))


def checked(kind: Kind, name: str, target: Any, origin: str) -> Any:
    """Return the class or metric of a plugin, with its name set; raise PluginError if it is of another kind."""
    base = BASES[kind]
    fits = isinstance(target, Metric) if kind == "metrics" else inspect.isclass(target) and issubclass(target, base)
    if not fits:
        raise PluginError(f"The {kind[:-1]} {name!r} of {origin} is not a usbench {base.__name__}.")
    if kind != "metrics":
        if not hasattr(target, "card"):
            raise PluginError(f"The {kind[:-1]} {name!r} of {origin} has no card.")
        target.name = name
    elif target.name != name:
        raise PluginError(f"The metric {name!r} of {origin} calls itself {target.name!r}.")
    return target


def load_method(name: str, /, **parameters: Any) -> Method:
    """Return a method by name, `name[parameter=value]`, or path of a .py file.

    Errors are those of `find`. A method that is not available here is a `PluginError` too, unless its parameter
    `weights` is given: it then runs on these.

    Examples
    --------
    >>> load_method("srad", iterations=100).label
    'srad[iterations=100]'
    """
    plain, given = parse_name(name)
    plugin = _from_file(plain) if _is_file(plain) else find("methods", plain)
    given |= parameters
    return (plugin.target if given.get("weights") else _available(plugin)).create(given)


def load_simulator(name: str, /, **parameters: Any) -> Simulator:
    """Return a simulator by name or `name[parameter=value]`."""
    plain, given = parse_name(name)
    return _available(find("simulators", plain)).create(given | parameters)


def registered_method(label: str) -> Method:
    """Return the method of a label that came from data: it is registered, and its parameters are numbers and choices.

    Raises
    ------
    UsageError, PluginError
        As `load_method`; also if the label names a file, or a parameter that may be any text.
    """
    plain, given = parse_name(label)
    plugin = find("methods", plain)
    refuse_free_texts(plugin.target, given, label)
    return _available(plugin).create(given)


def registered_dataset(label: str, *, split: str) -> Dataset:
    """Return the data set of a label that came from data; see `registered_method`."""
    kinds: tuple[Kind, ...] = ("datasets", "simulators")
    for number, part in enumerate(split_product(label)):
        plain, given = parse_name(part)
        refuse_free_texts(find(kinds[min(number, 1)], plain).target, given, label)
    return load_dataset(label, split=split)


def method_of_file(file: str, label: str) -> Method:
    """Return the method of a file that the user named, with the parameters of a label that came from data."""
    _, given = parse_name(label)
    refuse_free_texts(method_plugin(file).target, given, label)
    return load_method(file, **given)


def refuse_free_texts(target: type[Parameters], given: Mapping[str, Any], label: str) -> None:
    """Raise UsageError if a label from data gives a parameter that may be any text, such as a path."""
    for name in sorted(target.free_texts() & given.keys()):
        raise UsageError(f"Stored data name {label!r}; its {name} is taken from the command line alone.")


def _available(plugin: Plugin) -> Any:
    if reason := plugin.unavailable:
        raise PluginError(reason)
    return plugin.target


def load_dataset(name: str, /, **parameters: Any) -> Dataset:
    """Return a data set: `echo`, `folder:PATH` (any path), a clean source such as `natural`, or `source+simulator`.

    `+lesions` at the end inserts lesions (`hc18+lesions`, `phantom+psf+lesions`). `parameters`, such as `split="val"`,
    go to the source.
    """
    source, *added = _parts(name)
    dataset = _load_source(source, parameters)
    for simulator in map(load_simulator, added):
        if isinstance(simulator, Insertion) and not isinstance(dataset, InsertedSet):
            dataset = InsertedSet(dataset, simulator)
        elif isinstance(dataset, SimulatedSet | InsertedSet):
            raise UsageError(
                f"{name!r} names several simulators; expected source+simulator, and one +lesions at the end."
            )
        else:
            dataset = SimulatedSet(dataset, simulator)
    return dataset


def _load_source(name: str, parameters: dict[str, Any]) -> Dataset:
    """Return a data set by `name`, `name[parameter=value]`, `name:PATH` or path of a .py file, without simulators."""
    if _is_file(name.partition("[")[0]):
        plain, given = parse_name(name)
        return _from_file(plain, "datasets").target.create(given | parameters)
    target = find("datasets", re.split(r"[:\[]", name.strip(), maxsplit=1)[0]).target
    _, given = parse_path_name(name, [field.name for field in dataclasses.fields(target)])
    return target.create(given | parameters)


def _parts(name: str) -> list[str]:
    """Return source and simulators of a set's name. A folder's path may contain plus signs."""
    if ":" not in name.partition("+")[0]:
        return split_product(name)
    source, plus, last = name.rpartition("+")
    inserted = plus and last.partition("[")[0] in _entries("simulators")
    return [*_parts(source), last] if inserted else [name]


def load_metric(name: str) -> Metric:
    """Return a metric by name."""
    return find("metrics", name).target


def method_plugin(name: str) -> Plugin:
    """Return the plugin of a method's name or file, for its origin."""
    plain, _ = parse_name(name)
    return _from_file(plain) if _is_file(plain) else find("methods", plain)


def _is_file(name: str) -> bool:
    return name.rpartition(":")[0].endswith(".py") or name.endswith(".py")


@cache
def _from_file(name: str, kind: Kind = "methods") -> Plugin:
    """Load a method or data set from `path.py` or `path.py:Name`."""
    file, wanted = (name, "") if name.endswith(".py") else name.rsplit(":", 1)
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise UsageError(f"The {FILE_OF[kind]} file {file} does not exist.")
    module = import_file(path)
    found = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, BASES[kind]) and value.__module__ == module.__name__
    }
    target: Any = found[meant(found, wanted, file, FILE_OF[kind], ADVICE[kind])]
    own = [base for base in target.__mro__ if base.__module__ == module.__name__]
    if not any("version" in vars(base) for base in own):
        target.version = file_tree_hash(path)
    return Plugin(kind, target.name or target.__name__, str(path), _checked_file(target, path, kind))


def meant(found: Mapping[str, Any], wanted: str, file: str, what: str, advice: str) -> str:
    """Return the key of the plugin `file:wanted` among those found in the file.

    Raises
    ------
    UsageError
        If `wanted` is not among them, or is empty and there are several.
    PluginError
        If there are none.
    """
    if wanted and wanted not in found:
        raise UsageError(f"{file} has no {what} {wanted!r}.{did_you_mean(wanted, found)}")
    if not found:
        raise PluginError(f"{file} defines no {what}; {advice}")
    if not wanted and len(found) > 1:
        raise UsageError(f"{file} defines {', '.join(found)}; name one of them as {file}:NAME.")
    return wanted or next(iter(found))


def _checked_file(target: Any, path: Path, kind: Kind) -> Any:
    name = target.name or target.__name__
    if name in _entries(kind):
        raise PluginError(f"The {FILE_OF[kind]} {name!r} of {path} has the name of the registered one; rename it.")
    return checked(kind, name, target, str(path))


_importing: ContextVar[tuple[Path, ...]] = ContextVar("importing", default=())  # the files that are being imported


def import_file(path: Path) -> ModuleType:
    """Import a user's file as a module; raise PluginError if that fails."""
    name = f"usbench_user_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path} cannot be imported as Python.")
    if path in _importing.get():
        raise PluginError(f"{path} loads itself; what uses a plugin goes under `if __name__ == '__main__':`.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    outer = _importing.set((*_importing.get(), path))
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the user's file may raise anything, sys.exit included
        raise PluginError(f"{path} cannot be loaded: {sentence(error)}") from error
    finally:
        _importing.reset(outer)
    return module


def _unknown(kind: Kind, name: str) -> str:
    sentence = f"There is no {kind[:-1]} {name!r}.{did_you_mean(name, names(kind))}"
    elsewhere = [other for other in KINDS if other != kind and name in _entries(other)]
    return sentence + (f" ({name!r} is one of the {elsewhere[0]}.)" if elsewhere else f" See `usbench list {kind}`.")


def _origin(entry: EntryPoint) -> str:
    return f"{entry.dist.name if entry.dist else 'unknown distribution'}: {entry.value}"
