"""`usbench figure`: a figure for a paper."""

from pathlib import Path
from typing import Annotated

import typer

from usbench import registry
from usbench.core.head_metric import REAL_HEAD, SIMULATED_HEAD

CAPTIONS = (SIMULATED_HEAD, "ssim", REAL_HEAD, "ssi")


def figure(
    sample: Annotated[str, typer.Option("--sample", help="Id of the sample, as in rows, or its number.")],
    method: Annotated[
        list[str], typer.Option("--method", "--methods", "-m", help="Methods to show, in this order; repeatable.")
    ],
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="The sample's data set.")],
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="A .png, .pdf or .svg; repeatable. Default: figure.pdf.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Metrics below each image. Default: two or three that apply.")
    ] = None,
    inset: Annotated[
        str | None,
        typer.Option(help="ROW,COLUMN,SIZE of the enlarged part, or none. Default: most detail."),
    ] = None,
) -> None:
    """Write a figure: input, reference and results with an enlarged part, and metrics below."""
    from usbench.figures.figure import captions, draw, save_figure
    from usbench.figures.inset import most_detailed, parse_inset
    from usbench.figures.panels import panels

    metrics = [registry.load_metric(name) for name in metric or CAPTIONS]
    loaded = registry.load_dataset(dataset, split=split)
    shown = panels([registry.load_method(name) for name in method], loaded, loaded.find(sample))
    part = None
    if inset != "none":
        part = parse_inset(inset, shown.sample.image.shape) if inset else most_detailed(shown.sample)
    drawn = draw(shown, captions(shown, metrics), part)
    for path in out or [Path("figure.pdf")]:
        save_figure(drawn, path)
        print(f"Wrote {path}.")
