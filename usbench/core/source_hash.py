"""A hash of the code that a result depends on."""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path


def code_hash(target: type | Callable) -> str:
    """Return 16 hex digits over the source of the target's module and of all it imports from its own package.

    Imports are followed through `usbench` and the module's own top-level package; of other packages the installed
    version goes into the hash. So a changed kernel, contract or library makes a new key; an unrelated file does not.
    What only a type checker or a training imports does not count: weights have a hash of their own.
    """
    module = sys.modules[target.__module__]
    if not getattr(module, "__file__", None):
        return hashlib.sha256(target.__qualname__.encode()).hexdigest()[:16]
    return _closure_hash(module.__name__, str(module.__file__))


@cache
def _closure_hash(name: str, file: str) -> str:
    own = {"usbench", name.partition(".")[0]}
    sources: dict[str, bytes] = {}
    libraries: set[str] = set()
    waiting = [(name, Path(file))]
    while waiting:
        current, path = waiting.pop()
        if current in sources:
            continue
        sources[current] = path.read_bytes()
        for imported in _imports(current, path):
            root = imported.partition(".")[0]
            if root not in own:
                libraries.add(root)
            elif found := _locate(imported):
                waiting.append(found)
    digest = hashlib.sha256()
    for module, source in sorted(sources.items()):
        digest.update(module.encode() + b"\0" + hashlib.sha256(source).digest())
    for library in sorted(libraries):
        digest.update(f"{library}={_version(library)}".encode())
    return digest.hexdigest()[:16]


def _imports(module: str, path: Path) -> Iterator[str]:
    """Yield the absolute names of what a module imports where it runs; `from a import b` gives a.b and a."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in _that_run(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *filter(None, [base])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _that_run(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those below `if TYPE_CHECKING:` and in `recipe`, by which a plugin is trained."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting += node.orelse
        elif not (isinstance(node, ast.FunctionDef) and node.name == "recipe"):
            waiting += ast.iter_child_nodes(node)


@cache
def _locate(module: str) -> tuple[str, Path] | None:
    """Return the name and file of a Python module, or None if there is no such module (a name inside one, say)."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return module, Path(spec.origin)


@cache
def _version(library: str) -> str:
    if library in sys.stdlib_module_names:
        return f"python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        return version(library)
    except PackageNotFoundError:
        distributions = _distributions().get(library, [])
        return version(distributions[0]) if distributions else "unknown"


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(packages_distributions())
