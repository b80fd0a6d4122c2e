"""How much memory a call takes at most."""

from pathlib import Path

from usbench.runtime.malloc import give_back_freed_memory

PROCESS = Path("/proc/self")


class PeakMemory:
    """A block whose greatest need of memory, beyond what was held before, is known afterwards.

    Attributes
    ----------
    mib
        Of the process, in MiB. None where the system does not tell, which is everywhere but on Linux.
    device_mib
        Of the accelerator, in MiB; None on a CPU.
    """

    def __init__(self, device: str) -> None:
        self.mib: float | None = None
        self.device_mib: float | None = None
        self._cuda = device.startswith("cuda")

    def __enter__(self) -> "PeakMemory":
        give_back_freed_memory()  # what the call takes from there would not count
        self._before = _forget_peak()
        if self._cuda:
            import torch

            torch.cuda.reset_peak_memory_stats()
            self._device_before = torch.cuda.memory_allocated()
        return self

    def __exit__(self, *_: object) -> None:
        peak = _status("VmHWM")
        self.mib = max(0.0, peak - self._before) if peak is not None and self._before is not None else None
        if self._cuda:
            import torch

            torch.cuda.synchronize()
            self.device_mib = (torch.cuda.max_memory_allocated() - self._device_before) / 2**20


def _forget_peak() -> float | None:
    """Have the system count the peak anew, and return what the process holds, in MiB."""
    try:
        (PROCESS / "clear_refs").write_text("5")
    except OSError:
        return None
    return _status("VmRSS")


def _status(field: str) -> float | None:
    try:
        lines = (PROCESS / "status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:")), None)
