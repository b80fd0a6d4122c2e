"""Errors that the user can act on.

Each has a message of one sentence. The command line prints it without a traceback; the exit code is 2 for a
`UsageError` and 1 for every other `UsbenchError`.
"""

from usbench.core.untrusted import printable


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


LONGEST = 500  # characters of a message


def sentence(error: BaseException) -> str:
    """Return an exception as text: its type and the first line of its message, without control characters."""
    name = printable(type(error).__name__)
    try:
        lines = str(error).strip().splitlines()
    except BaseException as second:  # its __str__ may raise anything, sys.exit included
        return f"{name}, whose message cannot be read: it raised {printable(type(second).__name__)}."
    return f"{name}: {printable(lines[0][:LONGEST])}" if lines else f"{name}."


def reason(error: BaseException) -> str:
    """Return why something failed: the message of an error of ours, the type and message of any other."""
    own = isinstance(error, UsbenchError) and type(error).__str__ is Exception.__str__
    return printable(str(error)) if own else sentence(error)
