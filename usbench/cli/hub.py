"""`usbench hub`: write a folder that can be uploaded to the Hugging Face Hub."""

from pathlib import Path
from typing import Annotated

import typer


def hub(
    name: Annotated[str, typer.Argument(help="A trained method or a data set, such as gan-d or hc18.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The folder. Default: hub/NAME.")] = None,
) -> None:
    """Write a card for the Hugging Face Hub, with the weights of a method or the Croissant file of a data set.

    Nothing is uploaded: `hf upload` of the Hub's own package does that.
    """
    from usbench.core.untrusted import file_name
    from usbench.scaffold.hub import write_hub_folder

    folder = out or Path("hub") / file_name(name.partition("[")[0])
    files = write_hub_folder(name, folder)
    print(f"Wrote {', '.join(files)} to {folder}.")
