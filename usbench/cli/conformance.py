"""`usbench check`: does a plugin keep the contract of its kind?"""

import json
from typing import Annotated

import typer

from usbench.cli.catalogue import JsonOption


def check(
    name: Annotated[str, typer.Argument(help="A method by name or ./file.py, a data set, a simulator or a metric.")],
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            "-d",
            help="Whose test images a trained plugin must not have seen. Default: the default suite.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Test a plugin against the contract of its kind and print what it breaks."""
    from usbench.check import check_plugin

    findings = check_plugin(name, dataset or ())
    if as_json:
        print(json.dumps([{"check": f.check, "passed": f.passed, "reason": f.reason} for f in findings]))
    else:
        for finding in findings:
            mark = "ok    " if finding.passed else "BROKEN"
            print(f"{mark} {finding.check}" + (f": {finding.reason}" if finding.reason else ""))
    return 0 if all(finding.passed for finding in findings) else 1
