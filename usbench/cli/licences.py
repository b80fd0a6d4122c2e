"""`usbench licences`: under which terms everything stands that usbench runs with."""

import json
from dataclasses import asdict

from usbench.cli.catalogue import JsonOption
from usbench.licences import dependencies


def licences(as_json: JsonOption = False) -> None:
    """List the installed dependencies with their licences, as their own metadata state them."""
    found = dependencies()
    if as_json:
        print(json.dumps([asdict(dependency) for dependency in found]))
        return
    widths = [max(len(getattr(one, field)) for one in found) for field in ("name", "version")]
    for one in found:
        print(f"{one.name:{widths[0]}s}  {one.version:{widths[1]}s}  {one.licence}")
