"""Where half precision pays: processors with bf16 instructions, and accelerators that have them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def computes_in_bf16(device: "str | torch.device") -> bool:
    """Return whether the device multiplies bf16 in hardware: AVX-512 BF16 or AMX on a CPU, Ampere or later in CUDA."""
    import torch

    kind = torch.device(device).type
    if kind == "cpu":
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return kind == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
