"""Errors that the user can act on.

Each has a message of one sentence. The command line prints it without a traceback; the exit code is 2 for a
`UsageError` and 1 for every other `UsbenchError`.
"""


class UsbenchError(Exception):
    """Base class of all errors of usbench."""


class UsageError(UsbenchError):
    """The request is invalid: an unknown name, a parameter out of range, an unusable folder."""


class PluginError(UsbenchError):
    """A plugin cannot be loaded, or breaks the contract of its kind."""


class ImageError(UsbenchError):
    """An image, mask or volume is unreadable or not as expected."""


class MethodError(UsbenchError):
    """A method raised, exceeded its time limit, or did not return a despeckled image."""


class StoreError(UsbenchError):
    """Results cannot be written or read."""


def sentence(error: BaseException) -> str:
    """Return an exception as text: its type and the first line of its message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else f"{type(error).__name__}."
