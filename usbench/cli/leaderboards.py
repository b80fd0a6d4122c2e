"""`usbench tables`: from stored rows to leaderboards."""

import json
from pathlib import Path
from typing import Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.errors import UsageError

Results = Annotated[Path, typer.Option("--results", help="The folder with the stored rows.")]


def tables(
    results: Results = Path("results"),
    out: Annotated[Path, typer.Option("--out", help="Where the leaderboards go.")] = Path("leaderboards"),
    as_json: JsonOption = False,
) -> None:
    """Regenerate the leaderboards (Markdown, CSV and LaTeX) from stored rows alone."""
    from usbench.bench.store import Store
    from usbench.board.rows import current_rows, current_timing
    from usbench.board.summary import summarise
    from usbench.board.tables import write_tables

    store = Store(results)
    rows = current_rows(store.read(), results)
    if not len(rows):
        raise UsageError(f"There are no results in {results}; `usbench run --results {results}` makes some.")
    metrics = {plugin.name: plugin.target for plugin in registry.plugins("metrics") if not plugin.broken}
    entries = summarise(rows, current_timing(store.read(lane="timing"), results), metrics)
    written = write_tables(entries, _licence_notes(), out)
    if as_json:
        print(json.dumps([str(path) for path in written]))
    else:
        print(f"Wrote {', '.join(path.name for path in written)} to {out}.")


def _licence_notes() -> dict[str, str]:
    """Return the licence of each method that is not free for every use."""
    cards = {plugin.name: plugin.target.card for plugin in registry.plugins("methods") if not plugin.broken}
    return {name: card.licence for name, card in cards.items() if "commercial" in card.licence.lower()}
