"""Errors that the user can act on.

Each carries one sentence. The command line prints that sentence and never a traceback; the exit code is 2 for a
`UsageError` and 1 for every other `UsbenchError`.
"""


class UsbenchError(Exception):
    """Base of every error that usbench raises on purpose."""


class UsageError(UsbenchError):
    """What was asked for cannot be understood: an unknown name, a parameter out of range, an unusable folder."""


class PluginError(UsbenchError):
    """A plugin cannot be loaded, or breaks the contract of its kind."""


class ImageError(UsbenchError):
    """An image, mask or volume is unreadable or is not what was expected of it."""


class MethodError(UsbenchError):
    """A method raised, ran past its time limit, or returned something that is not a despeckled image."""


class StoreError(UsbenchError):
    """Results cannot be written or read."""


def sentence(error: BaseException) -> str:
    """Return a stranger's exception as text: its type and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else f"{type(error).__name__}."
