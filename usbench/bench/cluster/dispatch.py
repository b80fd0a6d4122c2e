"""Units on the workers of a Dask scheduler: which worker may have which, and what comes back."""

import os
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from usbench.bench.cluster import ClusterError
from usbench.bench.cluster.remote import Order, Reply, judge_order
from usbench.bench.plan import Unit
from usbench.bench.run import Watcher
from usbench.bench.store import LOOSE, Store
from usbench.bench.worker import Outcome, write_rows
from usbench.core.errors import StoreError, sentence
from usbench.evaluation.limits import raise_if_interrupted

if TYPE_CHECKING:
    from distributed import Client, Future

POLL_SECONDS = 0.1
LOOK_SECONDS = 1.0  # between looks at which workers are there
REPLY_SECONDS = 30.0  # for the scheduler's answer, and for a few rows to arrive


def run_on_workers(
    client: "Client", address: str, units: Sequence[Unit], store: Store, *, watcher: Watcher
) -> list[Outcome]:
    """Run units on a scheduler's workers, write their rows here, and return how each ended.

    Workers may come and go: Dask runs the units of one that dies elsewhere. What a worker refuses is tried on the
    others. Units that no worker can run leave no rows, and are run by the next call.

    Raises
    ------
    ClusterError
        If the scheduler is gone.
    """
    dispatcher = _Dispatcher(client, address, store, watcher)
    try:
        return dispatcher.run(units)
    finally:
        dispatcher.cancel()


class _Dispatcher:
    def __init__(self, client: "Client", address: str, store: Store, watcher: Watcher) -> None:
        from distributed import as_completed

        self._client, self._address, self._store, self._watcher = client, address, store, watcher
        self._run = uuid.uuid4().hex[:8]
        self._completed = as_completed(loop=client.loop, raise_errors=False)
        self._units: dict[Future[Any], Unit] = {}
        self._waiting: list[Unit] = []
        self._workers: set[str] = set()
        self._refused: dict[tuple[str, str], dict[str, str]] = {}  # by method and data set: worker -> reason
        self._looked = float("-inf")
        self._notes: set[str] = set()
        self._outcomes: list[Outcome] = []

    def run(self, units: Sequence[Unit]) -> list[Outcome]:
        self._waiting = list(units)
        while self._units or self._waiting:
            raise_if_interrupted()
            self._look(len(units))
            if self._client.status == "running":
                waiting, self._waiting = self._waiting, []
                for unit in waiting:
                    self._submit(unit)
            if self._completed.has_ready():
                self._take_back(next(self._completed))
            else:
                time.sleep(POLL_SECONDS)
        return self._outcomes

    def cancel(self) -> None:
        """Have workers stop what still runs."""
        if self._units and self._client.status == "running":
            self._client.cancel(list(self._units), force=True)

    def _look(self, total: int) -> None:
        """See whether the scheduler is there, and once a second which workers are."""
        if self._client.status not in ("running", "connecting"):
            kept = sum(self._store.has(outcome.key) for outcome in self._outcomes)
            raise ClusterError(
                f"The scheduler at {self._address} went away. {kept} of {total} units are stored; the same command "
                "goes on from there."
            )
        if time.monotonic() < self._looked + LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        try:
            workers = set(self._client.nthreads(callback_timeout=REPLY_SECONDS))
        except OSError:  # once the client has given up, its status says so
            self._note(f"The scheduler at {self._address} does not answer; waiting for it.")
            return
        for address in sorted(self._workers - workers):
            self._note(f"The worker {address} went away; its units run on others.")
        if not workers:
            self._note(f"No worker is connected to {self._address}; waiting for one.")
        self._workers = workers

    def _submit(self, unit: Unit) -> None:
        """Give a unit to the workers that have not refused its like; it is lost if all have."""
        refused = self._refused.get((unit.method, unit.dataset), {})
        able = self._workers - refused.keys()
        if refused and self._workers and not able:
            address = min(self._workers)
            reason = f"{_name(unit)} was not run: no worker can run it. {address}: {refused[address]}"
            self._end(unit, Outcome.lost(unit, reason))
            return
        key = f"usbench-{self._run}-{unit.key}-{uuid.uuid4().hex[:8]}"
        order = Order(self._run, unit, os.getcwd())
        where = {"workers": sorted(able), "allow_other_workers": True} if refused else {}
        future = self._client.submit(judge_order, order, key=key, pure=False, **where)
        self._units[future] = unit
        self._completed.add(future)

    def _take_back(self, future: "Future[Any]") -> None:
        """Keep the rows of a unit that was run; let one that was not run again, or say why none can."""
        from distributed import KilledWorker

        unit = self._units.pop(future)
        if future.status in ("cancelled", "lost"):  # by a restart of workers or scheduler
            self._waiting.append(unit)
            return
        try:
            reply = future.result(timeout=REPLY_SECONDS)
        except KilledWorker as error:
            last = error.last_worker.address
            reason = f"{_name(unit)} was not run: every worker that had it died, the last one {last}."
            self._end(unit, Outcome.lost(unit, reason))
        except TimeoutError:  # the rows were lost with their worker
            self._waiting.append(unit)
        except Exception as error:  # what Dask says when a worker cannot even begin, such as one without usbench
            for address in self._workers:
                self._refuse(unit, Reply(address, refused=sentence(error)))
            self._waiting.append(unit)
        else:
            self._keep(unit, reply)

    def _keep(self, unit: Unit, reply: Reply) -> None:
        if reply.refused:
            self._refuse(unit, reply)
            self._waiting.append(unit)
            return
        try:
            outcome = write_rows(unit, reply.rows, self._store)
        except StoreError as error:
            outcome = Outcome.lost(unit, str(error))
        if reply.rows and reply.rows[0]["libraries"] != unit.about["libraries"]:
            self._note(f"The worker {reply.worker} has other versions of libraries than this machine; its rows say so.")
        for _ in reply.rows:
            self._watcher.image_done()
        self._end(unit, outcome)

    def _refuse(self, unit: Unit, reply: Reply) -> None:
        self._refused.setdefault((unit.method, unit.dataset), {})[reply.worker] = reply.refused
        self._note(f"The worker {reply.worker} is left out for {_name(unit)}: {reply.refused}")

    def _end(self, unit: Unit, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._watcher.finished(unit, outcome)
        if len(self._outcomes) % LOOSE == 0:
            self._store.pack()

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.add(sentence)
            self._watcher.note(sentence)


def _name(unit: Unit) -> str:
    return f"{unit.about['method']} on {unit.about['dataset']}"
