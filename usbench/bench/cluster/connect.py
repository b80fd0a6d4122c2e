"""A connection to a Dask scheduler."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from usbench.bench.cluster import ClusterError
from usbench.bench.cluster.dispatch import run_on_workers
from usbench.bench.run import Runner
from usbench.core.errors import UsageError, sentence

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_SECONDS = 10  # for a scheduler that does not answer, at first or later
MOST_BYTES = 2**20  # of a scheduler file
INSTALL = "Dask is not installed here: pip install 'usbench[cluster]'."


@contextmanager
def cluster_runner(scheduler: str) -> Iterator[Runner]:
    """Give what runs units on the workers of a scheduler.

    Parameters
    ----------
    scheduler
        Its address, such as tcp://127.0.0.1:8786, or the file that `dask scheduler --scheduler-file` writes. Orders and
        rows are pickled, so anyone who can reach it can run code on the workers and here. Use it in a network that
        is trusted, or behind TLS (tls://, with Dask's own configuration).

    Raises
    ------
    UsageError
        If Dask is not installed or `scheduler` is neither an address nor such a file.
    ClusterError
        If nothing answers there.
    """
    address = _address(scheduler)
    client = _client(address)
    try:
        yield partial(run_on_workers, client, address)
    finally:
        client.close(timeout=PATIENCE_SECONDS)


def _address(scheduler: str) -> str:
    if "://" in scheduler:
        return scheduler
    path = Path(scheduler).expanduser()
    try:
        if path.is_file() and path.stat().st_size < MOST_BYTES:  # a device is none, and would be read for ever
            return str(json.loads(path.read_text(encoding="utf-8"))["address"])
        raise ValueError
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        expected = "expected an address such as tcp://127.0.0.1:8786, or the file of `dask scheduler --scheduler-file`"
        raise UsageError(f"The scheduler {scheduler!r} cannot be used; {expected}.") from None


def _client(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(INSTALL) from None
    for name in ("distributed", "distributed.client", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they log, errors of ours say in a sentence
    try:
        return Client(address, timeout=PATIENCE_SECONDS, set_as_default=False)
    except OSError as error:
        reason = sentence(error)
        raise ClusterError(f"No Dask scheduler answers at {address} ({reason})") from None
    except Exception as error:  # such as a TypeError for tls:// without certificates
        raise UsageError(f"The scheduler address {address!r} cannot be used: {sentence(error)}") from None
