"""Programs and plugins that tests run in processes of their own, or give to usbench as a user's file."""

from pathlib import Path


def program(name: str) -> str:
    """Return the text of `tests/support/programs/NAME.py`."""
    return (Path(__file__).parent / "programs" / f"{name}.py").read_text(encoding="utf-8")
