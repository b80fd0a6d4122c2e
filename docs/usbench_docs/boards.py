"""Facts about the boards for pages: the rules of the flags, and how many boards can decide anything."""

import re

from usbench.board.flags import legend
from usbench_docs.repository import ROOT

FLAGS, UNDECIDED = "<!-- FLAGS -->", "<!-- UNDECIDED -->"


def with_boards(markdown: str) -> str:
    """Return a page's Markdown with facts in place of the comments `<!-- FLAGS -->` and `<!-- UNDECIDED -->`."""
    if UNDECIDED in markdown:
        markdown = markdown.replace(UNDECIDED, "({} of {} boards)".format(*undecided()))
    return markdown.replace(FLAGS, "\n".join(f" * {rule}" for rule in legend()))


def undecided() -> tuple[int, int]:
    """Return how many of the stored boards have too few groups for their methods, and how many boards there are."""
    texts = [(ROOT / "leaderboards" / f"{kind}.md").read_text(encoding="utf-8") for kind in ("simulated", "real")]
    lines = re.findall(r"^Ordered by .*", "\n".join(texts), re.MULTILINE)
    return sum("an order, not a finding" in line for line in lines), len(lines)
