"""The licences of everything that usbench needs to run."""

import re
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution

MEANINGFUL = 60  # characters; a longer text in the field is a whole licence, not its name
OSI = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Dependency:
    """An installed distribution.

    Attributes
    ----------
    name, version
        As its metadata say.
    licence
        SPDX expression or name from its metadata; else the file that holds the text, or `not stated`.
    home
        Its page, or an empty string.
    needed_by
        The distribution through which it was found.
    """

    name: str
    version: str
    licence: str
    home: str
    needed_by: str


def dependencies(root: str = "usbench") -> list[Dependency]:
    """Return what a distribution needs, directly or not, as far as it is installed, by name.

    Optional extras are left out, and so are needs of other systems and Python versions.
    """
    found: dict[str, Dependency] = {}
    waiting = [(root, "")]
    while waiting:
        name, needed_by = waiting.pop(0)
        key = _normal(name)
        if key in found:
            continue
        try:
            known = distribution(name)
        except PackageNotFoundError:
            continue
        metadata: Message = known.metadata  # type: ignore[assignment]
        found[key] = Dependency(metadata["Name"], known.version, _licence(known, metadata), _home(metadata), needed_by)
        waiting += [(needed, metadata["Name"]) for needed in _needs(known.requires or [])]
    del found[_normal(root)]
    return sorted(found.values(), key=lambda dependency: dependency.name.lower())


def _needs(requirements: list[str]) -> list[str]:
    from packaging.requirements import Requirement

    parsed = [Requirement(text) for text in requirements]
    return [need.name for need in parsed if need.marker is None or need.marker.evaluate({"extra": ""})]


def _licence(known: Distribution, metadata: Message) -> str:
    named = [metadata.get("License-Expression"), metadata.get("License")]
    for name in named:
        if name and name.strip().lower() not in ("", "unknown") and len(name.strip()) <= MEANINGFUL:
            return name.strip()
    classified = [text.removeprefix(OSI) for text in metadata.get_all("Classifier", []) if text.startswith(OSI)]
    if classified:
        return ", ".join(classified)
    if named[1] and named[1].strip():
        return named[1].strip().splitlines()[0]
    texts = sorted(str(file) for file in known.files or [] if "licen" in file.name.lower())
    return f"see {texts[0]}" if texts else "not stated"


def _home(metadata: Message) -> str:
    if metadata.get("Home-page"):
        return metadata["Home-page"]
    links = [text.partition(", ") for text in metadata.get_all("Project-URL", [])]
    preferred = ("homepage", "home", "repository", "source", "source code", "documentation")
    ranked = sorted(links, key=lambda link: [*preferred, link[0].lower()].index(link[0].lower()))
    return ranked[0][2] if ranked else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
