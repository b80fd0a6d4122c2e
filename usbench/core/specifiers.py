"""Names with parameters: `srad[iterations=200]`, `natural+rayleigh`, `mri[redrawn=4]+psf[axial=2]`."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from usbench.core.errors import UsageError

_NAME = re.compile(r"^(?P<name>[^\[\]]+?)(?:\[(?P<parameters>[^\[\]]*)\])?$")


def parse_name(text: str) -> tuple[str, dict[str, Any]]:
    """Split `name[key=value,...]` into the name and its parameters as text.

    Raises
    ------
    UsageError
        If the text is not of that form.

    Examples
    --------
    >>> parse_name("srad[iterations=200,time_step=0.05]")
    ('srad', {'iterations': '200', 'time_step': '0.05'})
    """
    match = _NAME.match(text.strip())
    if not match:
        raise UsageError(f"{text!r} is not a name; expected NAME or NAME[parameter=value,...].")
    return match["name"].strip(), parse_assignments((match["parameters"] or "").split(","), text)


def parse_path_name(text: str, parameters: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Split `name:PATH[key=value,...]` or `name[key=value,...]` where paths may hold brackets, commas and equal signs.

    A bracket or a comma separates only if the name of a parameter and an equal sign follow.

    Parameters
    ----------
    text
        The name of a set of files.
    parameters
        The names of the set's parameters.

    Examples
    --------
    >>> parse_path_name("folder:a, b [c]/d=e[masks=m,1]", ["masks", "path"])
    ('folder', {'path': 'a, b [c]/d=e', 'masks': 'm,1'})
    """
    names = "|".join(map(re.escape, sorted(parameters)))
    name, colon, path = text.strip().partition(":") if ":" in text.partition("[")[0] else (text.strip(), "", "")
    body = path if colon else name
    if colon and Path(body).expanduser().exists():
        return name, {"path": body}
    starts = list(re.finditer(rf"\[(?=(?:{names})=)", body))
    there = [found for found in starts if colon and Path(body[: found.start()]).expanduser().exists()]
    start = next(iter(there or starts), None)
    if start and body.endswith("]"):
        given = parse_assignments(re.split(rf",(?=\s*(?:{names})=)", body[start.end() : -1]), text)
        body = body[: start.start()]
    elif re.search(r"\[\w+=[^\[\]]*\]$", body) or not colon:  # a parameter that the set does not have
        plain, given = parse_name(text)
        body = plain.partition(":")[2] if colon else plain
    else:
        given = {}
    return (name, {"path": body} | given) if colon else (body.strip(), given)


def parse_assignments(parts: list[str], context: str) -> dict[str, Any]:
    """Return `["a=1", "b=x"]` as a dictionary of strings; empty parts are left out.

    Raises
    ------
    UsageError
        If a part has no `=`, or a parameter is given twice.
    """
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in parts)):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{part!r} in {context!r} is not of the form parameter=value.")
        if key.strip() in found:
            raise UsageError(f"Parameter {key.strip()!r} is given twice in {context!r}.")
        found[key.strip()] = value.strip()
    return found


def split_product(text: str) -> list[str]:
    """Split `source+simulator` at the plus signs outside brackets.

    Examples
    --------
    >>> split_product("mri+psf[axial=1e+0]")
    ['mri', 'psf[axial=1e+0]']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter == "+" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
