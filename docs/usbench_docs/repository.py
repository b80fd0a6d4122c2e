"""Files from elsewhere in the repository that the site shows."""

import os.path
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = {
    "boards/simulated.md": "leaderboards/simulated.md",
    "boards/real.md": "leaderboards/real.md",
    "boards/speed.md": "leaderboards/speed.md",
    "boards/transfer.md": "leaderboards/transfer.md",
    "boards/training.md": "leaderboards/training.md",
    "boards/page.html": "leaderboards/index.html",
    "boards/overview.png": "leaderboards/figures/overview.png",
    "boards/growth.png": "leaderboards/figures/growth.png",
    "boards/transfer.png": "leaderboards/figures/transfer.png",
    "reference/weights.md": "methods/pix2pix/weights/README.md",
    "reference/deep-weights.md": "methods/deep/weights/README.md",
    "reference/gan-d.worst.png": "methods/pix2pix/weights/gan-d.worst.png",
    "reference/psf-and-simus.png": "datasets/simus/psf-and-simus.png",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
}
SECTION = re.compile(r"<!-- README: (.+) -->")
LINK = re.compile(r"(\]\()([^()#\s:]+)((?:#[^()\s]*)?\))")


def with_sections(markdown: str, page: str) -> str:
    """Return a page's Markdown with sections of the README in place of comments `<!-- README: Title -->`."""

    def section(found: re.Match[str]) -> str:
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        _, _, after = text.partition(f"\n## {found[1]}\n")
        if not after:
            raise LookupError(f"{page} includes the section {found[1]!r} of the README, which has none of that title.")
        return _relinked(after.partition("\n## ")[0].strip(), "README.md", page)

    return SECTION.sub(section, markdown)


def relinked(markdown: str, page: str) -> str:
    """Return a page's Markdown with links to files of the repository changed to their place in the site.

    Parameters
    ----------
    markdown
        The text.
    page
        Path in the site.

    Examples
    --------
    >>> relinked("![Speckle](../leaderboards/figures/overview.png)", "index.md")
    '![Speckle](boards/overview.png)'
    """
    return _relinked(markdown, FILES.get(page, f"docs/{page}"), page)


def _relinked(markdown: str, home: str, page: str) -> str:
    places = {source: place for place, source in FILES.items()}

    def link(found: re.Match[str]) -> str:
        target = os.path.normpath(os.path.join(os.path.dirname(home), found[2]))
        place = places.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else "")
        new = os.path.relpath(place, os.path.dirname(page) or ".") if place else found[2]
        return f"{found[1]}{new}{found[3]}"

    return LINK.sub(link, markdown)
