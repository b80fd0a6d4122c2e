"""Real schedulers and workers."""

from pathlib import Path

import pandas as pd
import pytest
from clusters import ODD, Cluster, run_on


@pytest.fixture(autouse=True, scope="module")
def client_is_no_worker():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKER", "client")
        yield


@pytest.fixture
def odd(tmp_path) -> Path:
    file = tmp_path / "odd.py"
    file.write_text(ODD)
    return file


@pytest.fixture(scope="module")
def local_run(tmp_path_factory) -> tuple[list[str], pd.DataFrame]:
    """Methods of which each is a unit that takes half a second, and the rows of a run on this machine."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "odd.py").write_text(ODD)
    methods = [f"{folder / 'odd.py'}[tag={tag},seconds=0.1]" for tag in range(6)]
    return methods, run_on("", folder, methods)[1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A scheduler with two workers: a plain one, and one under a nanny with two threads and no room on its disk."""
    with Cluster(tmp_path_factory.mktemp("pair")) as cluster:
        cluster.start_scheduler()
        cluster.start_worker("plain")
        cluster.start_worker("full", threads=2, nanny=True, largest_file=4096)
        cluster.wait_for(3)
        yield cluster


@pytest.fixture
def cluster(tmp_path):
    with Cluster(tmp_path) as cluster:
        cluster.start_scheduler()
        yield cluster
