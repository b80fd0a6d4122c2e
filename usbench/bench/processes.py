"""pebble's pool of processes, which ends them before it takes away what they share."""

from pebble import ProcessPool


class Processes(ProcessPool):
    """A pool whose processes may be starting when it ends.

    pebble removes the locks of a pool first. A process that is starting then does not find them, and Python prints a
    traceback, for which nobody has done anything wrong.
    """

    def _stop_pool(self) -> None:
        if self._pool_manager_loop is not None:
            self._pool_manager_loop.join()  # it starts processes
        self._pool_manager.worker_manager.force_stop_workers()
        ProcessPool._stop_pool(self)
