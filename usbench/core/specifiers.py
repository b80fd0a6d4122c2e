"""Names with parameters: `srad[iterations=200]`, `natural+rayleigh`, `mri[redrawn=4]+psf[axial=2]`."""

import re
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
    return re.split(r"\+(?![^\[]*\])", text)
