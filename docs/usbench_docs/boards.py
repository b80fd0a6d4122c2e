"""Facts about the boards for pages: the rules of the flags, and how many groups a set needs."""

from usbench.board.flags import legend
from usbench.board.power import power_table
from usbench.board.wording import table_row

FLAGS, PLANNING = "<!-- FLAGS -->", "<!-- PLANNING -->"
GROUPS, SPREADS = (8, 12, 24, 48, 96), (0.1, 0.2, 0.3, 0.4)  # spreads in dB


def with_boards(markdown: str) -> str:
    """Return a page's Markdown with facts in place of the comments `<!-- FLAGS -->` and `<!-- PLANNING -->`."""
    facts = {FLAGS: "\n".join(f" * {rule}" for rule in legend()), PLANNING: planning_table()}
    for comment, fact in facts.items():
        if comment in markdown:
            markdown = markdown.replace(comment, fact)
    return markdown


def planning_table() -> str:
    """Return the power to find a lead of 0.2 dB among 60 methods, by number of groups and standard deviation."""
    lines = [["groups", *(f"{spread} dB" for spread in SPREADS)], ["---:"] * (1 + len(SPREADS))]
    for groups, powers in power_table(GROUPS, SPREADS):
        lines.append([str(groups), *(f"{power:.2f}" for power in powers)])
    return "\n".join(map(table_row, lines))
