"""`usbench export`: write a trained network as ONNX."""

import re
from pathlib import Path
from typing import Annotated

import typer

from usbench import registry
from usbench.core.errors import UsageError


def export(
    name: Annotated[str, typer.Argument(help="A trained network, such as gan-d or 'dncnn[weights=CARD]'.")],
    file: Annotated[Path, typer.Argument(help="The .onnx file to write.")],
    size: Annotated[str, typer.Option(help="Height x width of the image for the comparison.")] = "256x256",
) -> None:
    """Write a trained network as ONNX, for images of any height and width, and compare it with torch."""
    from usbench.training.onnx_export import export_onnx

    match = re.fullmatch(r"(\d+)x(\d+)", size.strip())
    if not match:
        raise UsageError(f"{size!r} is not a size; expected HEIGHTxWIDTH, such as 256x256.")
    if file.suffix != ".onnx":
        raise UsageError(f"{file} does not end in .onnx.")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"The folder {file.absolute().parent} does not exist.")
    done = export_onnx(registry.load_method(name), file, (int(match[1]), int(match[2])))
    takes = f"images of {done.fixed[0]} x {done.fixed[1]} pixels" if done.fixed else "images from 32 x 32 pixels"
    tried = " and ".join(f"{height} x {width}" for height, width in done.sizes)
    checked = f"at {tried} it is within {done.apart:.1g} of torch" if tried else "not compared (no onnxruntime)"
    print(f"{file} takes {takes}; {checked}.")
