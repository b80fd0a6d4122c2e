"""The recipe for SLURM, with programs in SLURM's place that start the jobs on this machine."""

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from program_files import module_of

from usbench.bench.store import Store

RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "slurm.py"

SBATCH = """#!/bin/sh
cp "$1" "{folder}/job.sh"
setsid sh -c 'echo $$ > "{folder}/job"; exec bash "{folder}/job.sh"' > "{folder}/job.log" 2>&1 &
echo "Submitted batch job 17"
"""
SCANCEL = """#!/bin/sh
kill -9 -$(cat "{folder}/job") && echo $1 > "{folder}/cancelled"
"""


@pytest.fixture
def recipe(monkeypatch) -> ModuleType:
    module = module_of(RECIPE)
    monkeypatch.setitem(module.JOB, "scheduler_options", {"host": "127.0.0.1", "dashboard": False})
    return module


def test_the_job_asks_slurm_for_what_the_recipe_says_and_starts_a_worker(recipe):
    from dask_jobqueue import SLURMCluster

    with SLURMCluster(**recipe.JOB) as cluster:
        script = cluster.job_script()
        address = cluster.scheduler_address
    for line in ("#SBATCH -p compute", "#SBATCH --cpus-per-task=8", "#SBATCH -t 02:00:00"):
        assert line in script.splitlines()
    assert script.index("source ~/usbench/bin/activate") < script.index(f"distributed.cli.dask_worker {address}")
    assert "--nthreads 8" in script


@pytest.mark.full
@pytest.mark.timeout(240)
def test_a_run_submits_jobs_computes_on_them_and_cancels_them(recipe, tmp_path, monkeypatch):
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text.format(folder=tmp_path))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(recipe, "JOBS", 1)
    monkeypatch.setattr(sys, "argv", ["slurm.py", "-m", "median", "-d", "phantom[count=2]+rayleigh"])
    monkeypatch.chdir(tmp_path)
    assert recipe.main() == 0
    assert Store(tmp_path / "results").read()["status"].tolist() == ["ok"] * 4
    assert list((tmp_path / "usbench").rglob("*.npz")), "the job made the samples in its own cache"
    assert (tmp_path / "cancelled").read_text().strip() == "17"
