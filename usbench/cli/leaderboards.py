"""`usbench tables`: from stored rows to leaderboards."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

Results = Annotated[Path, typer.Option("--results", help="The folder with the stored rows.")]


def tables(
    results: Results = Path("results"),
    out: Annotated[Path, typer.Option("--out", help="Where the leaderboards go.")] = Path("leaderboards"),
    as_json: JsonOption = False,
) -> None:
    """Regenerate the leaderboards (Markdown, CSV and LaTeX) from stored rows alone."""
    from usbench.bench.store import Store
    from usbench.board.rows import current_timing
    from usbench.board.summary import summarise
    from usbench.board.tables import write_tables

    rows = stored_rows(results)
    metrics = {plugin.name: plugin.target for plugin in registry.plugins("metrics") if not plugin.broken}
    entries = summarise(rows, current_timing(Store(results).read(lane="timing"), results), metrics)
    written = write_tables(entries, _licence_notes(), out)
    if as_json:
        print(json.dumps([str(path) for path in written]))
    else:
        print(f"Wrote {', '.join(path.name for path in written)} to {out}.")


def stored_rows(results: Path) -> "pd.DataFrame":
    """Return the rows of a results folder that count.

    Raises
    ------
    UsageError
        If there are none.
    """
    from usbench.bench.store import Store
    from usbench.board.rows import current_rows

    rows = current_rows(Store(results).read(), results)
    if not len(rows):
        raise UsageError(f"There are no results in {results}; `usbench run --results {results}` makes some.")
    return rows


def _licence_notes() -> dict[str, str]:
    """Return the licence of each method that is not free for every use."""
    cards = {plugin.name: plugin.target.card for plugin in registry.plugins("methods") if not plugin.broken}
    return {name: card.licence for name, card in cards.items() if "commercial" in card.licence.lower()}
