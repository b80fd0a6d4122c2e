"""Numbers of boards are recomputed, and a wrong one is found."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from usbench.cli.app import run_command

FILE = Path(__file__).parents[1] / ".ci" / "recompute.py"


def recomputed(folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, str(FILE), "--boards", str(folder), "--count", "400"]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.full
def test_numbers_agree_and_a_wrong_one_is_found(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sets = ("-d", "phantom[count=2]+psf", "-d", "echo+lesions")
    assert run_command(["run", "-m", "lee", *sets, "--limit", "8", "--no-timing", "--split", "val"]) == 0
    assert run_command(["tables"]) == 0
    boards = tmp_path / "leaderboards"
    done = recomputed(boards)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("psnr", "psnr_affine", "ssim", "mae", "cnr", "gcnr", "ssnr", "grain_kept"):
        assert f", {name} " in done.stdout
    cells = pd.read_csv(boards / "simulated.csv")
    cells.loc[(cells["metric"] == "ssim") & (cells["method"] == "lee"), "mean"] += 0.001
    cells.to_csv(boards / "simulated.csv", index=False)
    assert recomputed(boards).returncode == 1
