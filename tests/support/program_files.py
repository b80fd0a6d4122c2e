"""Programs and plugins that tests run in processes of their own, or give to usbench as a user's file."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType


def program(name: str, **constants: object) -> str:
    """Return the text of `tests/support/programs/NAME.py`, with these values of constants at its head."""
    text = (Path(__file__).parent / "programs" / f"{name}.py").read_text(encoding="utf-8")
    for constant, value in constants.items():
        line = f"{constant} = {value!r}"
        text, found = re.subn(rf"^{constant}(: \w+)? = .*$", lambda _, line=line: line, text, flags=re.MULTILINE)
        assert found == 1, f"{name}.py has {found} constants {constant}"
    return text


def module_of(file: Path) -> ModuleType:
    """Return a script that is in no package as a module."""
    specification = importlib.util.spec_from_file_location(file.stem, file)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def plugin_file(folder: Path, name: str, **constants: object) -> Path:
    """Write a plugin of `tests/support/programs` as a user's file and return its path."""
    file = folder / f"{name}.py"
    file.write_text(program(name, **constants), encoding="utf-8")
    return file
