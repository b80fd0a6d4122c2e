"""Tables that a terminal has room for, and short blocks where it has not."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP = 2  # columns of a terminal between two cells, and before the lines of a block
DASH = "–"


@dataclass(frozen=True)
class Listing:
    """Rows that are printed as a table, or as a block per row if the table is too wide for the terminal.

    Attributes
    ----------
    heads
        Of the columns.
    rows
        (cells of a row,), as plain text; a dash for no value.
    named
        How many of the first columns name the row. They are the first line of a block; the table leaves out those that
        are as in the row above.
    title, caption
        Lines above and below.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    named: int = 1
    title: str = ""
    caption: str = ""

    def print(self, out: Console) -> None:
        """Print all of it. Nothing is cut: without a terminal, lines are as long as they have to be."""
        table = self._table()
        wide = Measurement.get(out, out.options.update(max_width=10_000), table).maximum
        if self.title:
            out.print(self.title, markup=False, highlight=False, style="italic")
        if not out.is_terminal:
            out.width = max(out.width, wide)
        if wide <= out.width:
            out.print(table)
        else:
            self._print_blocks(out)
        if self.caption:
            out.print(self.caption, markup=False, highlight=False)

    def _table(self) -> Table:
        table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, GAP, 0, 0))
        for at, head in enumerate(self.heads):
            numbers = at >= self.named and all(_numeric(row[at]) for row in self.rows)
            table.add_column(escape(head), justify="right" if numbers else "left", no_wrap=True)
        above: Sequence[str] = ()
        for row in self.rows:
            same = next((at for at in range(self.named - 1) if row[: at + 1] != above[: at + 1]), self.named - 1)
            table.add_row(*[""] * same, *map(escape, row[same:]))
            above = row
        return table

    def _print_blocks(self, out: Console) -> None:
        for row in self.rows:
            name = Text("  ".join(row[: self.named]), style="bold")
            out.print(name, overflow="fold", highlight=False)
            pairs = zip(self.heads[self.named :], row[self.named :], strict=True)
            said = [f"{head} {cell}" for head, cell in pairs if cell not in ("", DASH)]
            for line in packed(said, out.width - GAP):
                out.print(Padding(Text(line, overflow="fold"), (0, 0, 0, GAP), expand=False), highlight=False)


def packed(parts: Sequence[str], width: int) -> list[str]:
    """Return lines of parts that are not broken where a line has room for them."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{' ' * (GAP + 1)}{part}" if lines else part
        if lines and len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _numeric(cell: str) -> bool:
    return not cell or cell[0] in "0123456789+-<[~∞–" or cell == "failed"
