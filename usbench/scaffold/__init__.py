"""Write new plugins: a working, documented file of each kind, or a distribution with it.

The files in `templates/` are working plugins. A new plugin is a copy with another name.
"""

import keyword
import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from usbench import registry
from usbench.core.errors import UsageError

TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
USES = {
    "method": "usbench run --method {name}",
    "dataset": "usbench data show {name}",
    "simulator": "usbench data show phantom+{name}",
    "metric": "usbench run --method median --metric {name}",
}


@dataclass(frozen=True)
class Written:
    """The written files and the next commands.

    Attributes
    ----------
    files
        In the order of reading.
    check, use
        Commands to test and to use the plugin.
    """

    files: tuple[Path, ...]
    check: str
    use: str


def write_file(kind: str, name: str, folder: Path = Path()) -> Written:
    """Write a plugin as a single file `NAME.py`.

    Parameters
    ----------
    kind
        `method`, `dataset`, `simulator` or `metric`.
    name
        Lower-case letters, digits and underscores.
    folder
        The folder to write to; it is made if it does not exist.

    Raises
    ------
    UsageError
        If the name is invalid, or the file exists or cannot be written.
    """
    file = folder / f"{name}.py"
    _check_name(name, file)
    _write({file: plugin_source(kind, name)})
    path = file if file.is_absolute() else f"./{file}"
    use = f"usbench run --method {path}" if kind == "method" else f"usbench new {kind} {name} --package"
    return Written((file,), f"usbench check {path}", use)


def write_package(kind: str, name: str, folder: Path = Path()) -> Written:
    """Write a plugin as a distribution in a folder `NAME`: package, entry point, test and README.

    Parameters and errors are those of `write_file`.
    """
    root = folder / name
    _check_name(name, root)
    package = root / "src" / f"usbench_{name}"
    texts = {
        root / "pyproject.toml": _filled("pyproject.toml", kind, name),
        root / "README.md": _filled("README.md", kind, name),
        package / "__init__.py": _filled("init.py", kind, name),
        package / f"{name}.py": plugin_source(kind, name),
        root / "tests" / f"test_{name}.py": _filled("test.py", kind, name),
    }
    _write(texts)
    return Written(tuple(texts), f"pip install -e {root} && usbench check {name}", USES[kind].format(name=name))


def plugin_source(kind: str, name: str) -> str:
    """Return the text of a plugin's file: the template with the plugin's name."""
    text = (TEMPLATES / f"{kind}.py").read_text(encoding="utf-8")
    spellings = {
        f"my_{kind}": name,
        f"MY_{kind.upper()}": name.upper(),
        f"My{kind.capitalize()}": _camel(name),
        f"My {'data set' if kind == 'dataset' else kind}": _title(name),
        f"My {kind}": _title(name),
    }
    for old, new in spellings.items():
        text = text.replace(old, new)
    return text


def _filled(template: str, kind: str, name: str) -> str:
    text = (TEMPLATES / "package" / f"{template}.in").read_text(encoding="utf-8")
    target = {"method": name, "metric": name.upper()}.get(kind, _camel(name))
    return text.format(
        name=name,
        dashed=name.replace("_", "-"),
        title=_title(name),
        kind=kind,
        target=target,
        use=USES[kind].format(name=name),
    )


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _check_name(name: str, path: Path) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name: lower-case letters, digits and underscores, such as my_filter.")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise UsageError(f"{name!r} cannot be the name: it is a keyword of Python.")
    if path.exists():
        raise UsageError(f"{path} exists and is not overwritten; choose another name or folder.")
    for kind in registry.KINDS:
        if name in registry.names(kind):
            raise UsageError(f"{name!r} cannot be the name: it is one of the registered {kind}.")
    if name in sys.stdlib_module_names or name == "usbench" or find_spec(name) is not None:
        raise UsageError(f"{name!r} cannot be the name: {name}.py would hide the Python module {name}.")


def _write(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from None
