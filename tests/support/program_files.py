"""Programs and plugins that tests run in processes of their own, or give to usbench as a user's file."""

import re
from pathlib import Path


def program(name: str, **constants: object) -> str:
    """Return the text of `tests/support/programs/NAME.py`, with these values of constants at its head."""
    text = (Path(__file__).parent / "programs" / f"{name}.py").read_text(encoding="utf-8")
    for constant, value in constants.items():
        line = f"{constant} = {value!r}"
        text, found = re.subn(rf"^{constant}(: \w+)? = .*$", lambda _, line=line: line, text, flags=re.MULTILINE)
        assert found == 1, f"{name}.py has {found} constants {constant}"
    return text


def plugin_file(folder: Path, name: str, **constants: object) -> Path:
    """Write a plugin of `tests/support/programs` as a user's file and return its path."""
    file = folder / f"{name}.py"
    file.write_text(program(name, **constants), encoding="utf-8")
    return file
