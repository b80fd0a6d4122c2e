"""The rule of `apply`: with a method that returns its input, the result shows what the file showed.

Files of every supported kind are made over all their options, and looked at with independent libraries before and
after: the same pixels, frames, times, geometry, colours and metadata. USBENCH_EXAMPLES=1000 tries more of each kind.
"""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from file_kinds import KINDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from usbench.apply.run import rewrite
from usbench.io import count_frames, read_image

EXAMPLES = int(os.environ.get("USBENCH_EXAMPLES", "25"))
LOSSY = {"jpeg": 3}  # grey levels that the encoder may change


def same(before, after) -> bool:
    if isinstance(before, list):
        return len(before) == len(after) and all(same(one, other) for one, other in zip(before, after, strict=True))
    return before.dtype == after.dtype and np.array_equal(before, after)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_method_that_returns_its_input_changes_nothing(kind, data):
    make, see = KINDS[kind]
    folder = Path(tempfile.mkdtemp(prefix="usbench-identity-"))
    try:
        source = data.draw(make(folder))
        before = source.read_bytes()
        (folder / "out").mkdir()
        target = folder / "out" / source.name
        rewrite(source, target, lambda image, spacing: image, "changed nothing", whole=data.draw(st.booleans()))
        (was, said), (shown, says) = see(source), see(target)
        if kind in LOSSY:
            assert was.shape == shown.shape
            assert np.abs(was - shown).max() <= LOSSY[kind]
        else:
            assert same(was, shown), (was, shown)
        assert repr(said) == repr(says)
        assert source.read_bytes() == before
        assert count_frames(source) == count_frames(target)
        pixels = read_image(source).pixels
        assert 0 <= pixels.min() <= pixels.max() <= 1
        assert pixels.max() > 0.7 or kind in ("png", "gif", "bmp", "jpeg")
        assert np.abs(pixels - read_image(target).pixels).max() <= LOSSY.get(kind, 0) / 255
    finally:
        shutil.rmtree(folder)
