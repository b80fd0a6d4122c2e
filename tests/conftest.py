"""Fixtures that many tests share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from usbench.runtime.waiting import sleep_soon

ROOT = Path(__file__).parent.parent
pytest_plugins = ["browser"]
LEFT_OUT = pytest.StashKey[dict[str, int]]()
sleep_soon()  # as at the command line, before anything is loaded


def pytest_configure(config):
    """Give each of several processes one thread; count what is left out."""
    if hasattr(config, "workerinput"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    config.stash[LEFT_OUT] = {}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Take one process more than there are cores: some tests wait for something else than a core."""
    return (os.cpu_count() or 1) + 1


def pytest_deselected(items):
    """Count the tests that the markers `full` and `slow` leave out."""
    for item in items:
        left_out = item.config.stash[LEFT_OUT]
        for marker in ("full", "slow"):
            if item.get_closest_marker(marker):
                left_out[marker] = left_out.get(marker, 0) + 1
                break


def pytest_sessionfinish(session):
    """Tell the process that prints the summary what this one left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Take over what a process left out; all collect the same tests."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", {})


def pytest_terminal_summary(terminalreporter, config):
    """Say what was left out, and how to run it."""
    left_out = config.stash[LEFT_OUT]
    if left_out.get("full"):
        terminalreporter.write_line(f"Left out: {left_out['full']} tests marked full; `nox -s full` runs everything.")
    if left_out.get("slow"):
        terminalreporter.write_line(f"Left out: {left_out['slow']} tests marked slow (hours); `pytest -m slow`.")


@pytest.fixture(autouse=True, scope="session")
def sample_cache(tmp_path_factory):
    """Keep the user's own sample cache out of the tests."""
    before = os.environ.get("USBENCH_CACHE")
    os.environ["USBENCH_CACHE"] = str(tmp_path_factory.mktemp("samples"))
    yield
    if before is None:
        del os.environ["USBENCH_CACHE"]
    else:
        os.environ["USBENCH_CACHE"] = before


@pytest.fixture(autouse=True, scope="session")
def user_weights_folder(tmp_path_factory):
    """Keep the weights that the user added out of the tests: there are none unless a test adds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USBENCH_WEIGHTS", str(tmp_path_factory.mktemp("weights")))
        yield


@pytest.fixture(autouse=True, scope="session")
def user_data_folder(tmp_path_factory):
    """Keep the data sets that the user added out of the tests: there are none unless a test adds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USBENCH_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture
def in_process():
    """Run units in the process of the test; see `units_here`, which fixtures of a module need."""
    from pools import units_here

    with units_here():
        yield


@pytest.fixture
def made_up_times(monkeypatch):
    """Give each method a time of its own, without a process and without taking any."""
    from pools import pool_here

    def measure(settings):
        stats = {"median": len(settings["method"]) / 1000, "iqr": 0.0, "rounds": 9}
        return [{"stats": stats, "extra_info": {"size": settings["sizes"][0], "batch": 1}}]

    monkeypatch.setattr("usbench.bench.speed.worker_pool", pool_here)
    monkeypatch.setattr("usbench.bench.speed_session.measure", measure)


@pytest.fixture
def usbench_command(tmp_path):
    """Run the command line in a process of its own, in an empty folder."""

    def command(*arguments: str, cwd: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "usbench", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return command


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of third-party images beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the third-party images of shared/data are not beside this checkout")
    return folder
