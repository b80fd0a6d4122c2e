"""`usbench run` on a SLURM cluster, from its login node: `python slurm.py -m gan-d -d natural+rayleigh`.

It submits jobs to SLURM, each a Dask worker, and ends them with the run. If their time runs out, the same command does
the rest later. Needs `pip install 'usbench[cluster]'` in an environment that all nodes see.
"""

import subprocess
import sys

from dask_jobqueue import SLURMCluster

JOBS = 4
JOB = {  # of each; see https://jobqueue.dask.org
    "queue": "compute",
    "cores": 8,  # a unit takes one core, so a job computes this many at a time
    "processes": 1,
    "memory": "32GB",
    "walltime": "02:00:00",
    "job_script_prologue": ["source ~/usbench/bin/activate", "export USBENCH_CACHE=${TMPDIR:-/tmp}/usbench"],
    # "job_extra_directives": ["--gres=gpu:1"],  # then with `--device cuda`, and as many cores as may share the GPU
}


def main() -> int:
    """Run `usbench run` with the arguments of this script on JOBS jobs; return its exit code."""
    with SLURMCluster(**JOB) as cluster:
        cluster.scale(jobs=JOBS)  # not adapt(): units go to present workers only, so none would be started
        command = [sys.executable, "-m", "usbench", "run", "--dask", cluster.scheduler_address]
        return subprocess.call([*command, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
