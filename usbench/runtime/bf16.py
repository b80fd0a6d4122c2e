"""Processors and accelerators on which bf16 is faster than float32."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

CPU_DESCRIPTION = Path("/proc/cpuinfo")


def computes_in_bf16(device: "str | torch.device") -> bool:
    """Return whether networks run faster in bf16: with AMX or AMD's AVX-512 on a CPU, on Ampere or later in CUDA.

    On an Intel processor whose only bf16 instructions are those of AVX-512, our networks took 1.6 times as long as in
    float32; AMX and AMD's Zen halve the time.
    """
    import torch

    kind = torch.device(device).type
    if kind == "cpu":
        return fast_bf16(_cpu_description()) and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return kind == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def fast_bf16(cpu_description: str) -> bool:
    """Return whether a processor multiplies bf16 faster than float32, from the text of Linux's /proc/cpuinfo."""
    words = set(cpu_description.split())
    return "amx_bf16" in words or {"AuthenticAMD", "avx512_bf16"} <= words


@cache
def _cpu_description() -> str:
    try:
        return CPU_DESCRIPTION.read_text().partition("\n\n")[0]
    except OSError:
        return ""
