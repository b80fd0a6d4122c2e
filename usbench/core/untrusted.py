"""Data from outside, and what it must not decide.

**Data that came from outside never names code, never names a path, and never decides where something is written.**

Outside is everything but the command line, the installed plugins and the files that the user named: results folders and
published rows, tuned settings, galleries, cards of weights, images with their metadata, archives, answers of servers.

* *Code*: what is imported is named on the command line, or registered. A label from rows goes through
  `usbench.registry.registered_method` and `registered_dataset`, which import no file and take no parameter that may be
  any text (`Parameters.free_texts`).
* *Paths*: a name that becomes a file name is checked (`is_key`, `is_file_name`) or made one (`file_name`), and links
  inside a folder from outside are not followed (`link_on_the_way`).
* *Shown text*: control characters are escaped (`printable`) before a terminal or a table shows them.

SECURITY.md lists what is trusted, and the test for each line.
"""

import hashlib
import re
import unicodedata
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{1,64}")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=+-]{0,199}")
_PORTABLE = re.compile(r"[a-z0-9_=+-](?:[a-z0-9._=+-]{0,98}[a-z0-9_=+-])?")
_HASHED = re.compile(r".*-[0-9a-f]{16}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # file names that Windows reserves


def is_key(text: str) -> bool:
    """Return whether a text is a key of results: up to 64 hex digits."""
    return _KEY.fullmatch(text) is not None


def is_file_name(text: object) -> bool:
    """Return whether a value is the plain name of a file: no folder, not hidden, and valid on every system."""
    return isinstance(text, str) and bool(_FILE_NAME.fullmatch(text)) and not _DEVICES.fullmatch(text)


def file_name(label: str) -> str:
    """Return a file name for a label of any text: at most 117 characters, and another for every other label.

    A label that is a plain name in small letters is its own file name; any other gets a hash. Names that differ in case
    alone would be one file on some systems.
    """
    if _PORTABLE.fullmatch(label) and not _HASHED.fullmatch(label) and not _DEVICES.fullmatch(label):
        return label
    plain = re.sub(r"[^a-z0-9=+-]", "_", label.lower())[:100]
    return f"{plain}-{hashlib.sha256(label.encode(errors='surrogatepass')).hexdigest()[:16]}"


def link_on_the_way(folder: Path, path: Path) -> Path | None:
    """Return the first symbolic link between a folder and a path in it, the path included; None if there is none."""
    parts = path.relative_to(folder).parts
    steps = (folder.joinpath(*parts[: number + 1]) for number in range(len(parts)))
    return next((step for step in steps if step.is_symlink()), None)


def printable(text: str, keep: str = "") -> str:
    """Return text with control characters, direction marks and surrogates written as escapes such as `\\x1b`.

    Parameters
    ----------
    text
        From anywhere.
    keep
        Control characters that may stay, such as a newline.

    Examples
    --------
    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(letter if letter in keep or not _controls(letter) else _escaped(letter) for letter in text)


def _controls(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", errors="surrogatepass").decode("ascii")
