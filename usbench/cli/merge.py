"""`usbench merge`: results of several machines, and published ones, in one folder."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench.cli.catalogue import JsonOption
from usbench.cli.leaderboards import sound_rows
from usbench.core.errors import StoreError, UsageError

if TYPE_CHECKING:
    import pandas as pd


def merge(
    sources: Annotated[list[Path], typer.Argument(help="Results folders, published boards, or their rows.parquet.")],
    into: Annotated[Path, typer.Option("--into", help="The folder that gets all of them; it may have rows already.")],
    as_json: JsonOption = False,
) -> None:
    """Join rows of several machines or published ones, unless they are of other versions of a data set or a metric."""
    read = {path: _quality_rows(path) for path in [*sources, into]}
    _check(sources, read)
    new = {str(source): _take(source, read[source], into) for source in dict.fromkeys(sources)}
    if as_json:
        print(json.dumps(new))
    else:
        print(f"{into} has {sum(new.values())} new units from {', '.join(new)}.")


def _check(sources: Sequence[Path], read: "Mapping[Path, pd.DataFrame]") -> None:
    """Raise StoreError if the rows of sources and target do not belong together."""
    import pandas as pd

    from usbench.board.rows import current_rows
    from usbench.board.versions import mixed_versions

    for source in sources:
        if not len(read[source]):
            raise UsageError(f"There are no results in {source}.")
    rows = pd.concat([found.assign(folder=str(path)) for path, found in read.items()], ignore_index=True)
    folders = [path for path in read if not path.is_file()]
    if finding := mixed_versions(current_rows(rows, *folders), "folder"):
        raise StoreError(finding)


def _quality_rows(path: Path) -> "pd.DataFrame":
    from usbench.bench.published_rows import PUBLISHED, is_published, published_rows

    if path.is_file():
        return published_rows(path)
    return published_rows(path / PUBLISHED) if is_published(path) else sound_rows(path)


def _take(source: Path, rows: "pd.DataFrame", into: Path) -> int:
    """Copy what is new and return how many units that are."""
    from usbench.bench.merge import absorb
    from usbench.bench.published_rows import FILES, is_published, published_rows, take_in
    from usbench.bench.store import Store

    if source.is_file():
        return take_in(rows, Store(into))
    if is_published(source):
        for lane, name in FILES.items():
            if lane != "units" and (source / name).is_file():
                take_in(published_rows(source / name, lane), Store(into), lane)
        return take_in(rows, Store(into))
    absorbed = absorb(Store(into), Store(source))
    if absorbed.differing:
        others = f" and {len(absorbed.differing) - 1} more" if absorbed.differing[1:] else ""
        kept = f"{absorbed.differing[0]}{others}"
        print(
            f"usbench: careful: {into} and {source} have other versions of {kept}; those of {into} stay.",
            file=sys.stderr,
        )
    return absorbed.units
