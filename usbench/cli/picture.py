"""`usbench picture`: results of methods side by side."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.core.errors import StoreError
from usbench.io.atomic_write import write_whole

if TYPE_CHECKING:
    from PIL.Image import Image


def picture(
    method: Annotated[list[str], typer.Option("--method", "-m", help="Methods to show, in this order.")],
    dataset: Annotated[list[str], typer.Option("--dataset", "-d", help="A row for each.")],
    out: Annotated[Path, typer.Option("--out", help="The PNG to write.")] = Path("picture.png"),
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    sample: Annotated[int, typer.Option(min=0, help="Number of the sample.")] = 0,
    zoom: Annotated[int, typer.Option(min=1, max=8, help="Enlarge pixels by this factor.")] = 1,
) -> None:
    """Write a PNG with input, reference and each method's result side by side."""
    from usbench.figures.picture import montage

    methods = [registry.load_method(name) for name in method]
    datasets = [registry.load_dataset(name, split=split) for name in dataset]
    save(montage(methods, [(loaded, min(sample, len(loaded) - 1)) for loaded in datasets], zoom), out)


def save(image: "Image", out: Path, *, quiet: bool = False) -> None:
    """Write a picture as PNG, and print its name unless `quiet`.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    try:
        stream = io.BytesIO()
        image.save(stream, format="PNG")
        write_whole(out, stream.getvalue())
    except OSError as error:
        raise StoreError(f"The picture cannot be written to {out}: {error.strerror or error}.") from None
    if not quiet:
        print(f"Wrote {out}, {image.width} x {image.height} pixels.")
