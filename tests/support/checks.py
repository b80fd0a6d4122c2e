"""The conformance test in the process of the test, where a process of its own is not the point."""

from collections.abc import Sequence

from usbench.conformance import SECONDS_PER_IMAGE, check_plugin
from usbench.conformance.find import find_plugin
from usbench.conformance.isolated import Report


def check_here(name: str, datasets: Sequence[str] = (), *, seconds_per_image: float = SECONDS_PER_IMAGE) -> Report:
    """Return what `usbench.conformance.isolated.check_isolated` does."""
    kind, _ = find_plugin(name)
    return Report(name, kind, tuple(check_plugin(name, datasets, seconds_per_image=seconds_per_image)))
