"""`usbench figure`: a figure for a paper."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.core.head_metric import head_metric

if TYPE_CHECKING:
    from usbench.core.sample import Sample


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
        list[str] | None,
        typer.Option("--metric", help="Metrics below each image. Default: the one that orders boards, and another."),
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

    asked = [registry.load_metric(name) for name in metric or ()]
    loaded = registry.load_dataset(dataset, split=split)
    methods = [registry.load_method(name) for name in method]
    shown = panels(methods, loaded, loaded.find(sample), with_lesions=True)
    metrics = asked or [
        found
        for name in default_captions(loaded.kind, shown.sample)
        if not (found := registry.load_metric(name)).missing(shown.sample)
    ]
    part = None
    if inset != "none":
        part = parse_inset(inset, shown.sample.image.shape) if inset else most_detailed(shown.sample)
    drawn = draw(shown, captions(shown, metrics), part)
    for path in out or [Path("figure.pdf")]:
        save_figure(drawn, path)
        print(f"Wrote {path}.")


def default_captions(kind: str, sample: "Sample") -> tuple[str, str]:
    """Return the head metric of the sample's kind of set, and one that tells the other side."""
    lesions = sample.lesions is not None
    beside = "ssim" if kind != "real" else "grain_kept" if lesions else "ssi"
    return head_metric(kind, lesions=lesions), beside
