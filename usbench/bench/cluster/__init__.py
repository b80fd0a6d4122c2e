"""Units on the workers of a Dask scheduler: made where the work is, kept where the run was started."""

from usbench.core.errors import UsbenchError


class ClusterError(UsbenchError):
    """A scheduler is not there, or a worker is not fit for what was planned."""
