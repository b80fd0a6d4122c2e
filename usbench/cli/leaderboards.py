"""`usbench tables`: write leaderboards from stored rows."""

import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.core.errors import StoreError, UsageError

if TYPE_CHECKING:
    import pandas as pd

PROSE = ("README.md", "docs/findings.md")
Results = Annotated[Path, typer.Option("--results", help="The folder with the stored rows.")]


def tables(
    results: Results = Path("results"),
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder, leaderboards by default; or the file of one table.")
    ] = None,
    method: Annotated[list[str] | None, typer.Option("--method", "-m", help="One table, with this method.")] = None,
    dataset: Annotated[list[str] | None, typer.Option("--dataset", "-d", help="One table, of this set.")] = None,
    metric: Annotated[list[str] | None, typer.Option("--metric", help="One table, with this column.")] = None,
    fill: Annotated[
        list[Path] | None,
        typer.Option("--fill", help="Write the numbers of this Markdown file, such as README.md, anew; repeatable."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Regenerate the leaderboards (Markdown, CSV, LaTeX, one HTML page, and all rows) from stored rows alone.

    Without --out, the numbers of README.md and docs/findings.md are written anew too, where they have such regions.
    With --method, --dataset or --metric: write just that table for a paper, in LaTeX and at most a page, to table.tex.
    """
    if fill:
        if method or dataset or metric or out:
            raise UsageError("--fill writes numbers of the verdict suite into files; give it without other options.")
        written = fill_prose(results, fill)
        if not as_json:
            print(f"Wrote the numbers of {', '.join(map(str, written))}.")
    elif method or dataset or metric:
        target = out or Path("table.tex")
        written = [
            _write_table(results, target if target.suffix == ".tex" else target / "table.tex", method, dataset, metric)
        ]
        if not as_json:
            print(f"Wrote {written[0]}.")
    else:
        written = write_leaderboards(results, out or Path("leaderboards"), quiet=as_json)
        if out is None and (prose := prose_files()):
            written += fill_prose(results, prose)
            if not as_json:
                print(f"Wrote the numbers of {', '.join(map(str, prose))}.")
    if as_json:
        print(json.dumps([str(path) for path in written]))


def _write_table(
    results: Path, file: Path, methods: list[str] | None, datasets: list[str] | None, metrics: list[str] | None
) -> Path:
    from usbench.board.columns import chosen_metrics
    from usbench.board.paper_table import paper_table
    from usbench.board.rows import method_label
    from usbench.board.summary import summarise
    from usbench.io.atomic_write import write_whole

    rows = stored_rows(results, methods or (), datasets or ())
    known = registry.working("metrics")
    chosen = chosen_metrics(metrics, known) if metrics else []
    if methods:
        rows = rows[rows["method"].isin([method_label(rows, name) for name in methods])]
    if absent := set(datasets or ()) - set(rows["dataset"].unique()):
        raise UsageError(f"The results have no rows of {', '.join(sorted(absent))} with these methods.")
    if datasets:
        rows = rows[rows["dataset"].isin(datasets)]
    refuse_unfit(rows)
    warn_of_mixed(rows)
    try:
        write_whole(file, paper_table(summarise(rows.reset_index(drop=True), known), chosen).encode())
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror or error}.") from None
    return file


def fill_prose(results: Path, files: Sequence[Path]) -> list[Path]:
    """Write the regions of Markdown files anew from a results folder or published boards; see `usbench.board.findings`.

    Raises
    ------
    UsageError
        If there are no rows, or a file cannot be read or has no such region.
    """
    from usbench.board.findings import filled
    from usbench.io.atomic_write import write_whole

    found = prose_facts(results)
    texts = {}
    for file in files:
        try:
            texts[file] = filled(file.read_text(encoding="utf-8"), found)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{file} cannot be read: {error}.") from None
    for file, text in texts.items():
        write_whole(file, text.encode())
    return list(texts)


def prose_files(folder: Path = Path()) -> list[Path]:
    """Return the files of a checkout that have regions to fill."""
    from usbench.board.findings import REGION

    files = [folder / name for name in PROSE]
    return [file for file in files if file.is_file() and REGION.search(file.read_text(encoding="utf-8"))]


def prose_facts(results: Path) -> dict[str, str]:
    """Return the regions of prose by name, from rows of this version's protocol alone."""
    from usbench.bench.published_rows import FILES, PUBLISHED, is_published, published_rows
    from usbench.bench.store import SPEED
    from usbench.bench.suites import VERDICT
    from usbench.board.cards import method_cards
    from usbench.board.findings import facts
    from usbench.board.rows import current_rows
    from usbench.board.summary import summarise
    from usbench.evaluation.evaluate import PROTOCOL

    rows = current_rows(published_rows(results / PUBLISHED)) if is_published(results) else stored_rows(results)
    if is_published(results):
        there = (results / FILES[SPEED]).is_file()
        speeds = published_rows(results / FILES[SPEED], SPEED) if there else rows[:0]
    else:
        speeds = sound_rows(results, SPEED)
    current = rows[rows["protocol"] == PROTOCOL] if "protocol" in rows else rows[:0]
    refuse_unfit(current)
    known = current[current["dataset"].isin(VERDICT)].reset_index(drop=True)
    found = facts(summarise(known, registry.working("metrics")) if len(known) else [], VERDICT, method_cards())
    return {**found, "first-run": first_run(current, speeds)}


def first_run(rows: "pd.DataFrame", speeds: "pd.DataFrame") -> str:
    """Return what the first command of README.md prints, as Markdown, from stored rows.

    Parameters
    ----------
    rows, speeds
        Of both lanes; other methods and sets than those of the command are passed over.
    """
    import io

    from usbench.bench.plan import CONTROL
    from usbench.bench.speed import QUICK
    from usbench.bench.suites import DEFAULT
    from usbench.board.findings import NO_RUN, OURS
    from usbench.board.speed import current_speeds
    from usbench.board.summary import summarise
    from usbench.cli.report import Report
    from usbench.cli.terminal import TextConsole

    own = rows[rows["method"].isin([OURS, CONTROL]) & rows["dataset"].isin(DEFAULT) & (rows["split"] == "test")]
    if not (own["method"] == OURS).any():
        return NO_RUN
    if len(speeds):
        speeds = speeds[speeds["method"].isin([OURS, CONTROL]) & (speeds["size"] == QUICK.sizes[0])]
    order = own["dataset"].map(DEFAULT.index).sort_values(kind="stable").index  # of the suite
    boards = summarise(own.loc[order].reset_index(drop=True), registry.working("metrics"))
    text = io.StringIO()
    Report(boards, current_speeds(speeds)).listing().print(TextConsole(file=text, width=120))
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return "\n".join(["```text", *lines, "```"])


def write_leaderboards(results: Path, out: Path, *, quiet: bool = False) -> list[Path]:
    """Write the leaderboards of a results folder and return the files; print their names unless `quiet`.

    Raises
    ------
    StoreError
        If they cannot be written; those that were there before then stay as they were.
    """
    from usbench.bench.published_rows import FILES, publish
    from usbench.bench.store import SPEED, UNITS
    from usbench.board.leaderboards import leaderboards
    from usbench.board.page.page import room_for_pictures, write_page
    from usbench.board.page.payload import leading, payload
    from usbench.board.page.pictures import ROOM, copy_pictures, read_pictures
    from usbench.board.tables import write_tables
    from usbench.io.atomic_write import staged

    rows = stored_rows(results)
    speeds = sound_rows(results, SPEED)
    refuse_unfit(rows)
    warn_of_mixed(rows)
    boards = leaderboards(rows, speeds, registry.working("metrics"))
    data = payload(boards, date=newest_run(results, speeds))
    room = min(ROOM, room_for_pictures(data))
    data["pictures"] = read_pictures(results, leading(boards.boards), room)
    try:
        with staged(out) as stage:
            made = [*write_tables(boards, stage), write_page(data, stage)]
            for lane, found in ((UNITS, rows), (SPEED, speeds)):
                if len(found):
                    made.append(publish(found, stage / FILES[lane]))
            written = [out / path.relative_to(stage) for path in made]
            copy_pictures(results, stage)
    except OSError as error:
        raise StoreError(f"The leaderboards cannot be written to {out}: {error.strerror or error}.") from None
    if not quiet:
        print(f"Wrote {', '.join(path.name for path in written)} to {out}.")
    return written


def newest_run(results: Path, speeds: "pd.DataFrame") -> str:
    """Return the day of the newest run of a results folder, as 2026-11-29; empty if none is known."""
    days = [path.name[:10] for path in (results / "runs").glob("*.json")]
    days += [str(taken)[:10] for taken in speeds.get("taken", ())]
    return max((day for day in days if re.fullmatch(r"\d{4}-\d\d-\d\d", day)), default="")


def refuse_unfit(rows: "pd.DataFrame") -> None:
    """Raise StoreError with one sentence if rows may not be published; see `usbench.board.publishable`."""
    from usbench.board.publishable import unfit

    if said := unfit(rows):
        raise StoreError(said)


def warn_of_mixed(rows: "pd.DataFrame", source: str = "method") -> None:
    """Print a warning where rows are of several versions, or of one version and several sources or libraries."""
    from usbench.board.versions import mixed_provenance, mixed_versions

    for finding in filter(None, (mixed_versions(rows, source), mixed_provenance(rows, source))):
        print(f"usbench: warning: {finding}", file=sys.stderr)


def stored_rows(results: Path, methods: Sequence[str] = (), datasets: Sequence[str] = ()) -> "pd.DataFrame":
    """Return the rows of a results folder; `methods` and `datasets` are those that the user asked for.

    Raises
    ------
    UsageError
        If there are none.
    """
    from usbench.board.rows import current_rows

    rows = current_rows(sound_rows(results), results)
    if not len(rows):
        given = [*(("-m", name) for name in methods), *(("-d", name) for name in datasets)]
        words = [word for pair in given for word in pair] + ["--results", str(results)]
        raise UsageError(f"There are no results in {results}; `usbench run {shlex.join(words)}` computes some.")
    return rows


def sound_rows(results: Path, lane: str = "units") -> "pd.DataFrame":
    """Return all rows of a lane of a results folder; set damaged files aside with a warning.

    Raises
    ------
    StoreError
        If rows are not of the schema, or reached by a link: the folder may have come from outside.
    """
    from usbench.bench.rows_schema import checked
    from usbench.bench.store import Store

    store = Store(results)
    store.refuse_links()
    try:
        return checked(store.read(lane=lane), lane, results)
    except StoreError:
        damaged = store.set_aside_damaged(lane)
        if not damaged:
            raise
    for path in damaged:
        print(
            f"usbench: warning: {path.name} is damaged and was moved to {path.parent}; the next run computes it again.",
            file=sys.stderr,
        )
    return checked(store.read(lane=lane), lane, results)
