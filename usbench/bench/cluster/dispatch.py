"""Handing units to the workers of a Dask scheduler, few at a time, and keeping what comes back."""

import os
import time
import uuid
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from usbench.bench.cluster import ClusterError
from usbench.bench.cluster.order import Order
from usbench.bench.cluster.places import Places
from usbench.bench.cluster.remote import answer
from usbench.bench.cluster.version_check import installed
from usbench.bench.plan import Unit
from usbench.bench.run import Watcher
from usbench.bench.store import Store
from usbench.bench.worker import Outcome, keep_rows
from usbench.core.errors import StoreError, sentence

if TYPE_CHECKING:
    from distributed import Client, Future

LOOK_SECONDS = 1.0  # between looks at who is there
REPLY_SECONDS = 30.0  # for the scheduler's answer, and for a few rows to arrive


def run_on_workers(
    client: "Client", address: str, units: Sequence[Unit], store: Store, *, watcher: Watcher
) -> list[Outcome]:
    """Run units on a scheduler's workers, write their rows here, and return how each ended.

    Workers may come and go. The units of a worker that dies run elsewhere; what a worker refuses is tried on the
    others. Units that nobody can run leave no rows, and are run by the next call.

    Raises
    ------
    ClusterError
        If the scheduler is gone.
    """
    dispatcher = _Dispatcher(client, address, units, store, watcher)
    try:
        return dispatcher.run()
    finally:
        dispatcher.cancel()


class _Dispatcher:
    def __init__(
        self,
        client: "Client",
        address: str,
        units: Sequence[Unit],
        store: Store,
        watcher: Watcher,
    ) -> None:
        self._client = client
        self._address = address
        self._units = units
        self._store = store
        self._watcher = watcher
        self._run = uuid.uuid4().hex[:8]
        self._waiting = deque(units)
        self._flying: dict[Future, tuple[Unit, str]] = {}
        self._ended: SimpleQueue[Future] = SimpleQueue()
        self._connection = client.scheduler_comm
        self._places = Places()
        self._looked = float("-inf")
        self._notes: set[str] = set()
        self._outcomes: list[Outcome] = []

    def run(self) -> list[Outcome]:
        while self._waiting or self._flying:
            self._look()
            self._hand_out()
            with suppress(Empty):
                self._take_back(self._ended.get(timeout=LOOK_SECONDS))
        return self._outcomes

    def cancel(self) -> None:
        """Have workers stop what still runs."""
        if self._flying and self._client.status == "running":
            self._client.cancel(list(self._flying), force=True)

    def _look(self) -> None:
        """See whether the scheduler is there, and once a second who else is."""
        if self._client.status not in ("running", "connecting"):
            kept = sum(self._store.has(unit.key) for unit in self._units)
            raise ClusterError(
                f"The scheduler at {self._address} went away. {kept} of {len(self._units)} units are stored; the same "
                "command goes on from there."
            )
        if self._client.scheduler_comm is not self._connection:  # a new one: nobody knows what was asked on the old one
            self._connection = self._client.scheduler_comm
            self._waiting.extendleft(unit for unit, _ in self._flying.values())
            self._flying.clear()
        if time.monotonic() < self._looked + LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        try:
            gone = self._places.update(self._client.nthreads(callback_timeout=REPLY_SECONDS))
        except OSError:  # once the client has given up, its status says so
            self._note(f"The scheduler at {self._address} does not answer; waiting for it.")
            return
        for address in gone:
            self._note(f"The worker {address} went away; what it had not done is done by others.")
        if not self._places:
            self._note(f"No worker is connected to {self._address}; waiting for one.")

    def _hand_out(self) -> None:
        """Give every idle thread a unit."""
        if self._client.status != "running":
            return
        idle = self._places.idle(busy for _, busy in self._flying.values())
        passed: list[Unit] = []
        while self._waiting and (idle or not passed):
            unit = self._waiting.popleft()
            if reason := self._places.hopeless(unit):
                self._end(unit, Outcome.lost(unit, f"{_name(unit)} was not run: {reason}"))
            elif address := self._places.fit(unit, idle):
                idle = idle - Counter([address])
                self._submit(unit, address)
            else:
                passed.append(unit)
        self._waiting.extendleft(reversed(passed))

    def _submit(self, unit: Unit, address: str) -> None:
        order = Order(self._run, unit, os.getcwd(), installed(unit.metrics))
        future = self._client.submit(
            answer,
            order,
            key=f"usbench-{self._run}-{unit.key}-{uuid.uuid4().hex[:8]}",
            workers=[address],
            allow_other_workers=True,  # if that one dies
            pure=False,
        )
        self._flying[future] = unit, address
        future.add_done_callback(self._ended.put)
        self._watcher.started(unit)

    def _take_back(self, future: "Future") -> None:
        """Keep the rows of a unit that was run; let one that was not run again, or say why nobody can."""
        from distributed import KilledWorker

        if future not in self._flying:  # asked on a connection that is lost
            return
        unit, address = self._flying.pop(future)
        if future.status in ("cancelled", "lost"):  # by a restart of workers or scheduler
            self._waiting.appendleft(unit)
            return
        try:
            reply = future.result(timeout=REPLY_SECONDS)
        except KilledWorker:
            reason = f"{_name(unit)} was not run: every worker that had it died, the last one {address}."
            self._end(unit, Outcome.lost(unit, reason))
            return
        except TimeoutError:  # the rows went down with their worker
            self._waiting.appendleft(unit)
            return
        except Exception as error:  # what Dask says when a worker cannot even begin, for want of usbench for one
            self._refuse(unit, address, sentence(error))
            return
        if reply.refused:
            self._refuse(unit, reply.worker, reply.refused)
            return
        try:
            outcome = keep_rows(unit, reply.rows, self._store)
        except StoreError as error:
            outcome = Outcome.lost(unit, str(error))
        for _ in reply.rows:
            self._watcher.image_done()
        self._end(unit, outcome)

    def _refuse(self, unit: Unit, address: str, reason: str) -> None:
        self._places.refuse(address, unit, reason)
        self._note(f"The worker {address} is left out for {_name(unit)}: {reason}")
        self._waiting.appendleft(unit)

    def _end(self, unit: Unit, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._watcher.finished(unit, outcome)

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.add(sentence)
            self._watcher.note(sentence)


def _name(unit: Unit) -> str:
    return f"{unit.about['method']} on {unit.about['dataset']}"
