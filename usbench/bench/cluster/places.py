"""Which worker may be given which unit."""

from collections import Counter
from collections.abc import Iterable, Mapping

from usbench.bench.plan import Unit


class Places:
    """The workers of a scheduler: how many threads each has, and what it refused."""

    def __init__(self) -> None:
        self._threads: dict[str, int] = {}
        self._refused: dict[tuple[str, str], dict[str, str]] = {}

    def __len__(self) -> int:
        return len(self._threads)

    def update(self, threads: Mapping[str, int]) -> set[str]:
        """Take over who is there now, with how many threads; return who is not any more."""
        gone = self._threads.keys() - threads.keys()
        self._threads = dict(threads)
        return gone

    def refuse(self, address: str, unit: Unit, reason: str) -> None:
        """Give a worker no more units of this method on this data set."""
        self._refused.setdefault((unit.method, unit.dataset), {})[address] = reason

    def idle(self, busy: Iterable[str]) -> Counter[str]:
        """Return how many threads of which workers have nothing to do, if `busy` names the worker of each unit.

        No worker is given more units than it has threads, so that a slow one holds back no more than it works on.
        """
        return Counter(self._threads) - Counter(busy)

    def fit(self, unit: Unit, idle: Counter[str]) -> str | None:
        """Return the worker with most idle threads among those that may have the unit; None if there is none."""
        refused = self._refusals(unit)
        return next((address for address, _ in idle.most_common() if address not in refused), None)

    def hopeless(self, unit: Unit) -> str:
        """Return why no worker that is there can run the unit; empty if one may, or none is there."""
        refused = self._refusals(unit)
        if not self._threads or self._threads.keys() - refused.keys():
            return ""
        address = next(iter(self._threads))
        return f"no worker can run it. {address}: {refused[address]}"

    def _refusals(self, unit: Unit) -> dict[str, str]:
        return self._refused.get((unit.method, unit.dataset), {})
