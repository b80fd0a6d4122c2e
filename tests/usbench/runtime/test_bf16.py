"""Which processors are given bf16."""

import pytest

from usbench.runtime.bf16 import computes_in_bf16, fast_bf16

SAPPHIRE_RAPIDS = "vendor_id\t: GenuineIntel\nflags\t: fpu avx512f avx512_bf16 amx_bf16 amx_tile"
WITHOUT_AMX = "vendor_id\t: GenuineIntel\nflags\t: fpu avx512f avx512_bf16 avx512_fp16"
ZEN_4 = "vendor_id\t: AuthenticAMD\nflags\t: fpu avx512f avx512_bf16"
ZEN_3 = "vendor_id\t: AuthenticAMD\nflags\t: fpu avx2"


@pytest.mark.parametrize(
    ("description", "fast"), [(SAPPHIRE_RAPIDS, True), (WITHOUT_AMX, False), (ZEN_4, True), (ZEN_3, False), ("", False)]
)
def test_bf16_is_for_processors_where_it_is_faster(description, fast):
    assert fast_bf16(description) == fast


def test_a_machine_that_does_not_describe_its_processor_stays_in_float32(monkeypatch, tmp_path):
    import usbench.runtime.bf16

    monkeypatch.setattr(usbench.runtime.bf16, "CPU_DESCRIPTION", tmp_path / "nothing")
    usbench.runtime.bf16._cpu_description.cache_clear()
    assert not computes_in_bf16("cpu")
    usbench.runtime.bf16._cpu_description.cache_clear()
