"""Which processors are given bf16."""

import pytest

from usbench.precision import computes_in_bf16, fast_bf16

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
    import usbench.precision

    monkeypatch.setattr(usbench.precision, "CPU_DESCRIPTION", tmp_path / "nothing")
    usbench.precision._cpu_description.cache_clear()
    assert not computes_in_bf16("cpu")
    usbench.precision._cpu_description.cache_clear()
