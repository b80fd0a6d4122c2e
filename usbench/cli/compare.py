"""`usbench compare`: two methods against each other."""

import json
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.cli.leaderboards import Results, stored_rows, warn_of_mixed
from usbench.cli.listing import DASH, Listing
from usbench.cli.picture import save
from usbench.cli.terminal import console
from usbench.core.errors import UsageError
from usbench.core.specifiers import parse_name

if TYPE_CHECKING:
    from usbench.board.compare import Contrast
    from usbench.core.method import Method


def compare(
    first: Annotated[str, typer.Argument(help="A method as named in the rows, or its .py file.")] = "",
    second: Annotated[str, typer.Argument(help="Another.")] = "",
    baseline: Annotated[
        str, typer.Option("--baseline", help="Set every method (or those named) against this one.")
    ] = "",
    results: Results = Path("results"),
    dataset: Annotated[list[str] | None, typer.Option("--dataset", "-d", help="Default: all with both.")] = None,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Name, or all. Default: those of the leaderboards.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write a PNG with the image of each data set that differs most.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which of two methods is better on what, by how much and how surely, and where they differ most.

    With --baseline: which methods are better than it, with one correction over all of them.
    """
    if baseline or not second:
        _against(baseline, [name for name in (first, second) if name], results, dataset, metric, picture, as_json)
        return
    from usbench.board.columns import chosen_metrics
    from usbench.board.compare import compare as compare_methods
    from usbench.board.rows import method_label
    from usbench.board.scores import boards
    from usbench.board.verdict import verdict

    rows = stored_rows(results, (first, second), dataset or ())
    typed = first, second
    first, second = method_label(rows, first), method_label(rows, second)
    warn_of_mixed(rows[rows["method"].isin([first, second])])
    metrics = registry.working("metrics")
    chosen = [board for board in boards(rows, metrics) if not dataset or board.dataset in dataset]
    contrasts = compare_methods(chosen, first, second, chosen_metrics(metric, metrics))
    methods = [_load(name, label) for name, label in zip(typed, (first, second), strict=True)] if picture else []
    if as_json:
        print(json.dumps({"verdict": verdict(contrasts, first, second), "contrasts": [_plain(c) for c in contrasts]}))
    else:
        _print(contrasts, first, second)
    if picture:
        _save_picture(contrasts, methods, dataset or (), picture, quiet=as_json)


def _against(
    baseline: str,
    named: list[str],
    results: Path,
    dataset: list[str] | None,
    metric: list[str] | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Compare methods with a baseline."""
    from usbench.api import contrasts_of
    from usbench.board.verdict import verdict

    if picture:
        raise UsageError("--picture shows two methods; name them without --baseline.")
    rows = stored_rows(results, [*named, *filter(None, [baseline])], dataset or ())
    found = contrasts_of(rows, named, baseline, dataset or (), metric)
    warn_of_mixed(rows[rows["method"].isin({name for pair in found for name in pair[:2]})])
    methods = list(dict.fromkeys(method for method, _, _ in found))
    if as_json:
        plain = [{"method": method, "against": against, **_plain(contrast)} for method, against, contrast in found]
        print(json.dumps({"baseline": found[0][1], "contrasts": plain}))
        return
    out = console()
    cells = [[method, *_cells(contrast, method, against)] for method, against, contrast in found]
    heads = ("method", "data set", "metric", "mean", found[0][1], "ahead by", "[95 %]", "p", "better")
    Listing(heads, cells, named=3).print(out)
    for method in methods:
        own = [contrast for name, _, contrast in found if name == method]
        out.print(verdict(own, method, found[0][1]), markup=False, highlight=False)


def _print(contrasts: Sequence["Contrast"], first: str, second: str) -> None:
    from usbench.board.in_distribution import LEGEND
    from usbench.board.verdict import finding, verdict
    from usbench.board.wording import number

    out = console()
    out.print(verdict(contrasts, first, second), markup=False, highlight=False)
    heads = ("data set", "metric", first, second, f"{first} ahead by", "[95 %]", "p", "better")
    out.print()
    Listing(heads, [_cells(contrast, first, second) for contrast in contrasts], named=2).print(out)
    if any(any(contrast.seen) for contrast in contrasts):
        out.print(LEGEND, markup=False, highlight=False)
    for contrast in _first_of_each(contrasts):
        out.print()
        out.print(finding(contrast, first, second), markup=False, highlight=False)
        if contrast.lost:
            sentence = f"{contrast.lost} images are left out: one of the two failed or was not run on them."
            out.print(sentence, style="red", markup=False, highlight=False)
        if contrast.apart:
            apart = ", ".join(f"{sample} ({number(one)}, {number(other)})" for sample, one, other in contrast.apart)
            out.print(f"Furthest apart: {apart}.", markup=False, highlight=False)


def _cells(contrast: "Contrast", first: str, second: str) -> list[str]:
    """Return the cells of a contrast's row, from the data set on."""
    from usbench.board.verdict import p_value
    from usbench.board.wording import ARROWS, number
    from usbench.core.formatting import significant

    low, high = significant(contrast.low), significant(contrast.high)
    means = zip((contrast.first, contrast.second), contrast.seen, strict=True)
    return [
        contrast.dataset,
        f"{contrast.metric.name} {ARROWS[contrast.metric.better]}",
        *(number(mean) + f" {seen.mark}" * bool(seen) for mean, seen in means),
        ("+" if contrast.gain > 0 else "") + significant(contrast.gain),
        f"[{low}, {high}]" if low != DASH else DASH,
        p_value(contrast),
        "undecided" if contrast.winner is None else (first, second)[contrast.winner],
    ]


def _first_of_each(contrasts: Sequence["Contrast"]) -> list["Contrast"]:
    """Return the first contrast of every board."""
    return list({(contrast.dataset, contrast.split): contrast for contrast in reversed(contrasts)}.values())[::-1]


def _load(typed: str, label: str) -> "Method":
    """Return the method that the command line names; its file if it is one, with the parameters of its label."""
    if typed.endswith(".py"):
        return registry.method_of_file(typed, label)
    if parse_name(typed)[0] not in registry.names("methods"):  # its rows name a file, but never what is imported
        raise UsageError(f"{typed} is not registered here; give its .py file to have it in the picture.")
    return registry.load_method(typed)


def _save_picture(
    contrasts: Sequence["Contrast"], methods: Sequence["Method"], datasets: Collection[str], out: Path, *, quiet: bool
) -> None:
    from usbench.figures.picture import montage

    shown = []
    for contrast in _first_of_each(contrasts):
        if contrast.apart:
            furthest = max(contrast.apart, key=lambda found: abs(found[1] - found[2]))[0]
            named = contrast.dataset in datasets  # on the command line
            load = registry.load_dataset if named else registry.registered_dataset
            dataset = load(contrast.dataset, split=contrast.split)
            shown.append((dataset, dataset.find(furthest)))
    save(montage(methods, shown), out, quiet=quiet)


def _plain(contrast: "Contrast") -> dict[str, Any]:
    """Return the contrast for JSON, with null for NaN and infinity."""
    numbers = {name: getattr(contrast, name) for name in ("first", "second", "gain", "low", "high", "p", "wins")}
    return {
        "dataset": contrast.dataset,
        "split": contrast.split,
        "metric": contrast.metric.name,
        "unit": contrast.metric.unit,
        "better": contrast.metric.better,
        **{name: value if value is not None and math.isfinite(value) else None for name, value in numbers.items()},
        "winner": contrast.winner,
        "images": contrast.images,
        "groups": contrast.groups,
        "lost": contrast.lost,
        "in_distribution": [seen.words for seen in contrast.seen],
        "apart": [sample for sample, _, _ in contrast.apart],
    }
