"""Numbers in prose: regions of Markdown files that are written from the rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from usbench.board.controls import base_name
from usbench.board.summary import BoardSummary, Line
from usbench.board.wording import header, number, table_row
from usbench.core.errors import UsageError
from usbench.core.head_metric import LESION_HEAD, SIMULATED_HEAD
from usbench.core.parameters import did_you_mean

Cards = Mapping[str, Mapping[str, Any]]

REGION = re.compile(r"(?<=<!-- rows: )(?P<name>[\w-]+) -->\n.*?(?=<!-- end of rows -->)", re.DOTALL)
OURS, UNTOUCHED = "gan-d", "identity"
NO_RUN = "*There are no rows of this version yet: `usbench run`, then `usbench tables`.*"
NO_ROWS = "*There are no rows of this version yet: `usbench run --suite verdict`, then `usbench tables`.*"


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Return Markdown with its regions `<!-- rows: NAME -->` ... `<!-- end of rows -->` written anew.

    Raises
    ------
    UsageError
        If a region has a name that is none of the facts, or there is no region.
    """

    def region(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in facts:
            raise UsageError(f"There are no facts {name!r}; there are {', '.join(facts)}.{did_you_mean(name, facts)}")
        return f"{name} -->\n{facts[name]}\n"

    new, count = REGION.subn(region, text)
    if not count:
        raise UsageError("The file has no region `<!-- rows: NAME -->` ... `<!-- end of rows -->`.")
    return new


def facts(boards: Sequence[BoardSummary], sets: Sequence[str], cards: Cards) -> dict[str, str]:
    """Return the Markdown of each region: `verdict`, a table, and `findings`, sentences.

    Parameters
    ----------
    boards
        Of the rows.
    sets
        The data sets of the verdict suite; other boards are passed over.
    cards
        Of methods, by name: their families tell filters from networks.
    """
    chosen = [board for board in boards if board.dataset in sets and board.split == "test" and board.first]
    if not chosen:
        return dict.fromkeys(("verdict", "findings"), NO_ROWS)
    return {"verdict": _table(chosen, cards), "findings": _findings(chosen, cards)}


def _table(boards: Sequence[BoardSummary], cards: Cards) -> str:
    heads = ["data set", "metric", "untouched", OURS, "best filter", "best other network"]
    lines = [table_row(heads), table_row(["---", "---", "---:", "---:", "---:", "---:"])]
    for board in boards:
        own = _contenders(board, cards)
        texts = [_text(board, line, named=name not in (UNTOUCHED, OURS)) for name, line in own.items()]
        lines.append(table_row([board.dataset, header(board.first) if board.first else "–", *texts]))
    return "\n".join(lines)


def _findings(boards: Sequence[BoardSummary], cards: Cards) -> str:
    found = [_contenders(board, cards) for board in boards]
    lines = [
        f" * {OURS} is ahead of the best filter {_ahead(boards, found, OURS, 'filter')}.",
        f" * {OURS} is ahead of the best other network {_ahead(boards, found, OURS, 'network')}.",
    ]
    both = [board for board in boards if {SIMULATED_HEAD, LESION_HEAD} <= {c.name for c in board.columns if c.measured}]
    worse = [board for board in both if (_lesions_of_leader(board) or 0) > 1]
    if both:
        lines.append(
            f" * The method that leads in `{SIMULATED_HEAD}` keeps faint lesions worse than a Gaussian blur that "
            f"removes as much speckle on {len(worse)} of {len(both)} simulated sets (`{LESION_HEAD}` above 1)."
        )
    return "\n".join(lines)


def _ahead(boards: Sequence[BoardSummary], found: Sequence[Mapping[str, Line | None]], one: str, other: str) -> str:
    places = [(_place(board, own[one]), _place(board, own[other])) for board, own in zip(boards, found, strict=True)]
    pairs = [(first, second) for first, second in places if first and second]
    return f"on {sum(first < second for first, second in pairs)} of {len(pairs)} sets that have both"


def _contenders(board: BoardSummary, cards: Cards) -> dict[str, Line | None]:
    """Return the lines of the untouched input, ours, the best filter and the best other network."""
    found: dict[str, Line | None] = dict.fromkeys((UNTOUCHED, OURS, "filter", "network"))
    for line in board.head:
        name = base_name(line.method)
        key = name
        if name not in (UNTOUCHED, OURS):
            network = str(cards.get(name, {}).get("family", "")).startswith("deep")
            key = "network" if network else "filter"
        best = _place(board, found.get(key))
        place = _place(board, line)
        if name == UNTOUCHED or (line.role == "candidate" and place and (best is None or place < best)):
            found[key] = line
    return found


def _place(board: BoardSummary, line: Line | None) -> int | None:
    cell = line.cells.get(board.first.name) if line and board.first else None
    return cell.place if cell else None


def _text(board: BoardSummary, line: Line | None, *, named: bool) -> str:
    cell = line.cells.get(board.first.name) if line and board.first else None
    if line is None or cell is None:
        return "–"
    return f"{line.method} {number(cell.mean)}" if named else number(cell.mean)


def _lesions_of_leader(board: BoardSummary) -> float | None:
    leaders = [line for line in board.head if line.role == "candidate" and line.cells[SIMULATED_HEAD].best]
    return leaders[0].cells[LESION_HEAD].mean if leaders and LESION_HEAD in leaders[0].cells else None
