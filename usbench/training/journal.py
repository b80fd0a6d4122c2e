"""The log of a training: CSV, TensorBoard events, and pictures of fixed samples."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from usbench.io.atomic_write import write_whole

from .contracts import Pair, Report, Task

LOG = "log.csv"
SHOWN = 4


class Journal:
    """Writes `log.csv`, `tensorboard/` and `samples-STEP.png` into a folder.

    Parameters
    ----------
    folder
        Of the training.
    step
        Where the training resumes; entries of an earlier session beyond it are dropped, and written again.
    samples
        Pairs to draw at every checkpoint.
    """

    def __init__(self, folder: Path, step: int, samples: Sequence[Pair]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._log = folder / LOG
        self._folder = folder
        self._samples = samples
        self._keep_until(step)
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=step)

    def report(self, report: Report) -> None:
        """Add a line to the log and points to the curves."""
        row = {"step": report.step, "seconds": round(report.elapsed, 1), "data_wait": round(report.data_wait, 4)}
        self._append({**row, **report.losses})
        for name, value in report.losses.items():
            self._board.add_scalar(f"loss/{name}", value, report.step)
        self._board.add_scalar("time/data_wait", report.data_wait, report.step)

    def picture(self, task: Task, step: int, device: torch.device) -> None:
        """Write a picture of the fixed samples: input, output and target side by side."""
        import imageio.v3 as iio

        rows = []
        for source, target in self._samples[:SHOWN]:
            channels = torch.from_numpy(source if source.ndim == 3 else source[None])[None]
            made = task.estimate(channels.to(device))[0, 0].float().cpu().numpy()
            rows.append(np.hstack([channels[0, 0].numpy(), made, target]))
        if rows:
            pixels = np.round(np.vstack(rows).clip(0, 1) * 255).astype(np.uint8)
            iio.imwrite(self._folder / f"samples-{step:07d}.png", pixels)
            self._board.add_image("samples", pixels, step, dataformats="HW")

    def close(self) -> None:
        """Flush the curves to disk."""
        self._board.close()

    def _keep_until(self, step: int) -> None:
        rows = [row for row in self._read() if int(row["step"]) <= step]
        self._write(rows)

    def _append(self, row: dict[str, float]) -> None:
        rows = self._read()
        if rows and set(row) <= set(rows[0]):
            with self._log.open("a", newline="") as stream:
                csv.DictWriter(stream, list(rows[0]), restval="").writerow(row)
        else:  # a loss that appears later gets a new column
            self._write([*rows, row])

    def _read(self) -> list[dict[str, str]]:
        if not self._log.is_file():
            return []
        with self._log.open(newline="") as stream:
            return list(csv.DictReader(stream))

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        stream = io.StringIO(newline="")
        if columns:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        write_whole(self._log, stream.getvalue().encode(), durable=False)
