"""`usbench merge`: merge results of several machines, or published ones."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from usbench.cli.catalogue import JsonOption
from usbench.cli.leaderboards import sound_rows
from usbench.core.errors import StoreError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from usbench.bench.merge import Merged


def merge(
    sources: Annotated[list[Path], typer.Argument(help="Results folders, published boards, or their rows.parquet.")],
    into: Annotated[Path, typer.Option("--into", help="The folder that all are copied to; it may have rows already.")],
    as_json: JsonOption = False,
) -> None:
    """Merge results of several machines or published ones, unless data sets or metrics differ in version."""
    from usbench.bench.merge import merge as merge_into
    from usbench.bench.store import Store

    _check(sources, into)
    merged = {source: merge_into(Store(into), source) for source in dict.fromkeys(sources)}
    for source, found in merged.items():
        _warn(source, into, found)
    new = {str(source): found.units for source, found in merged.items()}
    if as_json:
        print(json.dumps(new))
    else:
        print(f"{into} has {sum(new.values())} new units from {', '.join(new)}.")


def _check(sources: Sequence[Path], into: Path) -> None:
    """Raise StoreError if the rows of sources and target are not comparable."""
    import pandas as pd

    from usbench.board.rows import current_rows
    from usbench.board.versions import mixed_provenance, mixed_versions

    read = {path: _rows(path) for path in [*sources, into]}
    for source in sources:
        if not len(read[source]):
            raise UsageError(f"There are no results in {source}.")
    rows = pd.concat([found.assign(folder=str(path)) for path, found in read.items()], ignore_index=True)
    folders = [path for path in read if not path.is_file()]
    current = current_rows(rows, *folders)
    if finding := mixed_versions(current, "folder"):
        raise StoreError(finding)
    if finding := mixed_provenance(current, "folder"):
        print(f"usbench: warning: {finding}", file=sys.stderr)


def _rows(path: Path) -> "pd.DataFrame":
    from usbench.bench.published_rows import PUBLISHED, is_published, published_rows
    from usbench.bench.store import SPEED

    if path.is_file():
        return published_rows(path)
    if is_published(path):
        return published_rows(path / PUBLISHED)
    sound_rows(path, SPEED)
    return sound_rows(path)


def _warn(source: Path, into: Path, merged: "Merged") -> None:
    if merged.differing:
        what = f"{into} and {source} have different versions of {_first(merged.differing)}; those of {into} are kept"
        print(f"usbench: warning: {what}.", file=sys.stderr)
    if merged.refused:
        what = f"{_first(merged.refused)} of {source} does not have the content that its name states, and was left out"
        print(f"usbench: warning: {what}.", file=sys.stderr)


def _first(paths: Sequence[PurePath]) -> str:
    return f"{paths[0]} and {len(paths) - 1} more" if len(paths) > 1 else str(paths[0])
