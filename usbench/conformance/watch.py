"""Side effects of plugin code: files, network, processes and the global random generators.

Python's audit hooks report every file that is opened and every socket that is connected. Native code that bypasses
Python is not seen, except for processes that it leaves.
"""

import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path, user_config_path

from usbench.evaluation.sample_cache import cache_folder

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {  # audit event -> positions in its arguments of a path, and of the open folder that the path is relative to
    "os.mkdir": ((0, 2),),
    "os.rename": ((0, 2), (1, 3)),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
}
NETWORK = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
GENERATORS = ("random", "numpy.random", "torch")
LOOPBACK = ("127.", "::1:", "localhost:")
COMPILER_CACHE = "torchinductor_"  # folder of torch's compiled code, in the temporary folder
SERVICES = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")  # Python's own, one per process
PATIENCE_SECONDS = 1.0  # for a process that is ending


class Watch:
    """Records side effects of plugin code while it is `observing`; one watch observes at a time.

    Attributes
    ----------
    written
        Paths that were opened for writing, created, renamed or removed.
    contacted
        Network addresses, as text.
    samples_read
        Files of the harness's sample cache that were opened.
    generators
        Global generators that were drawn from or seeded.
    """

    def __init__(self) -> None:
        self.written: dict[Path, None] = {}
        self.contacted: list[str] = []
        self.samples_read: list[Path] = []
        self.generators: set[str] = set()
        self._process = os.getpid()
        self._children = _children()
        self._samples = cache_folder().absolute()

    @contextlib.contextmanager
    def observing(self, generators: Collection[str] = GENERATORS) -> Iterator[None]:
        """Record side effects in the block, including use of these global random generators."""
        global _current
        _install_hook()
        before = generator_states()
        _current = self
        try:
            yield
        finally:
            _current = None
            self.end_if_copied()
            after = generator_states()
            self.generators |= {name for name in generators if after[name] != before[name]}

    def end_if_copied(self) -> None:
        """End this process if it is a fork made by plugin code, so that nothing is reported twice."""
        if os.getpid() != self._process:
            os._exit(1)

    def written_outside(self) -> list[Path]:
        """Return the paths written outside of caches, including temporary files that still exist."""
        return [path for path in self.written if not _is_allowed(path)]

    def processes_left(self) -> list[str]:
        """Return the processes that plugin code started and that still run, as text, and end them."""
        import psutil

        deadline = time.monotonic() + PATIENCE_SECONDS
        while (left := self._begun()) and time.monotonic() < deadline:
            time.sleep(0.05)
        descriptions = [_described(child) for child in left]
        for child in left:
            with contextlib.suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(left, timeout=PATIENCE_SECONDS)
        return descriptions

    def _begun(self) -> list[Any]:
        return [child for child in _children() - self._children if not _is_service(child)]

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Record one of Python's audit events."""
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes | os.PathLike):
                if isinstance(flags, int) and flags & WRITING:
                    self._wrote(path)
                absolute = Path(os.fsdecode(path)).absolute()
                if absolute.is_relative_to(self._samples):
                    self.samples_read.append(absolute)
        elif event in CHANGES:
            for path, folder in CHANGES[event]:
                self._wrote(arguments[path], arguments[folder])
        elif event in NETWORK:
            address = arguments[1] if event in ("socket.connect", "socket.bind", "socket.sendto") else arguments[0]
            own = event == "socket.bind" and _address(address).startswith(LOOPBACK)  # a test for IPv6
            if not own and (not isinstance(address, str | bytes) or event.startswith("socket.get")):
                self.contacted.append(_address(address))

    def _wrote(self, path: Any, folder: int = -1) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            root = Path(os.readlink(f"/proc/self/fd/{folder}")) if folder >= 0 else Path()
            self.written[(root / os.fsdecode(path)).absolute()] = None


def generator_states() -> dict[str, object]:
    """Return the states of the global generators of random, NumPy and torch by name, comparable with `==`."""
    import torch

    kind, keys, *rest = np.random.get_state()  # noqa: NPY002 - the global state is what is compared
    numpy_state = (kind, np.asarray(keys).tobytes(), *map(str, rest))
    return {
        "random": random.getstate(),
        "numpy.random": numpy_state,
        "torch": torch.get_rng_state().numpy().tobytes(),
    }


def torch_is_seeded_by(work: Callable[[], object]) -> bool:
    """Return whether `work` seeds torch's global generator: its state afterwards does not depend on that before.

    Drawing from it is not seeding it. Networks draw when their layers are made, before weights are loaded.
    """
    import torch

    states = []
    with torch.random.fork_rng(devices=[]):
        for seed in (1, 2):
            torch.manual_seed(seed)
            work()
            states.append(torch.get_rng_state())
    return torch.equal(*states)


_current: Watch | None = None
_installed = False


def _install_hook() -> None:
    global _installed
    if not _installed:
        sys.addaudithook(_hook)  # Python cannot remove it; it does nothing unless a watch observes
        _installed = True


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _current is not None and (event == "open" or event.startswith(("os.", "socket."))):
        with contextlib.suppress(Exception):  # an exception here would be raised in the plugin
            _current.note(event, arguments)


def _is_allowed(path: Path) -> bool:
    if "__pycache__" in path.parts or path.is_relative_to("/dev") or path.is_relative_to("/proc"):
        return True
    settings = user_config_path("matplotlib")  # made by matplotlib when it is first imported
    compiled = filter(None, [os.environ.get("NUMBA_CACHE_DIR")])
    caches = [cache_folder(), user_cache_path(), settings, *map(Path, compiled)]
    if any(path.is_relative_to(cache.absolute()) for cache in caches):
        return True
    temporary = Path(tempfile.gettempdir()).absolute()
    if not path.is_relative_to(temporary):
        return False
    return not path.exists() or path.relative_to(temporary).parts[0].startswith(COMPILER_CACHE)


def _children() -> set[Any]:
    import psutil

    return set(psutil.Process().children(recursive=True))


def _is_service(process: Any) -> bool:
    return any(service in _command(process) for service in SERVICES)


def _described(process: Any) -> str:
    return f"process {process.pid} ({_command(process)[:60] or 'ended, but never waited for'})"


def _command(process: Any) -> str:
    import psutil

    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _address(address: Any) -> str:
    return ":".join(map(str, address[:2])) if isinstance(address, tuple) else os.fsdecode(address)
