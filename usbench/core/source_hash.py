"""Hashes of source code, for provenance and as the version of a user's own file.

They cover the syntax tree without docstrings and comments.
"""

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

HEX_DIGITS = 16


def source_hash(plugin: type | Callable[..., object]) -> str:
    """Return a hash of the modules that define a plugin and its base classes; empty if they have no source files.

    It is provenance of a result, and never decides whether one is computed again: versions do.
    """
    parts = inspect.getmro(plugin) if inspect.isclass(plugin) else (plugin,)
    names = {part.__module__ for part in parts}
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name in names}
    own = sorted(name for name, file in files.items() if file and not name.startswith("usbench.core."))
    hashes = [file_tree_hash(Path(str(files[name]))) for name in own if name not in sys.stdlib_module_names]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:HEX_DIGITS] if hashes else ""


@cache
def file_tree_hash(path: Path) -> str:
    """Return `tree_hash` of a Python file, which is read once in a process."""
    return tree_hash(path.read_bytes())


def tree_hash(source: bytes | str) -> str:
    """Return a hash of 16 hex digits of the syntax tree of Python source without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node, clean=False) is not None
            node.body = node.body[documented:] or [ast.Pass()]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:HEX_DIGITS]
