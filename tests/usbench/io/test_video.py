"""Cines: every frame, and a sentence for what is wrong."""

from fractions import Fraction

import numpy as np
import pytest
from trees import speckled

from usbench.core.errors import ImageError
from usbench.io import count_frames, iterate_frames, read_frame, read_image

STACK = np.stack([speckled(n) for n in range(5)])


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".mp4", ".mov"])
def test_cines_are_written_and_read_without_loss(tmp_path, suffix):
    pytest.importorskip("av")
    from usbench.io.video import video_rate, write_video

    path = tmp_path / f"a{suffix}"
    write_video(path, iter(STACK), Fraction(25))
    assert count_frames(path) == 5
    read = [frame if frame.ndim == 2 else frame[..., 0] for frame in iterate_frames(path)]
    assert np.array_equal(np.stack(read), STACK)
    assert video_rate(path) == 25
    with pytest.raises(ImageError, match="has 5 frames where frame 9"):
        read_frame(path, 9)
    data = path.read_bytes()
    for length in (0, 10, 200, len(data) // 2):
        path.write_bytes(data[:length])
        try:
            for frame in iterate_frames(path):
                assert frame.shape[:2] == STACK.shape[1:]
        except ImageError as error:
            assert "\n" not in str(error)


def test_a_cine_without_the_decoder_is_one_sentence(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.avi").write_bytes(b"RIFF")
    with pytest.raises(ImageError, match="needs the package av"):
        read_image(tmp_path / "a.avi")
