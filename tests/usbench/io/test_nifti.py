"""NIfTI stacks: every slice."""

import numpy as np
from trees import nifti, speckled

from usbench.io import count_frames, iterate_frames

STACK = np.stack([speckled(n) for n in range(5)])


def test_nifti_slices_are_turned_and_counted(tmp_path):
    path = nifti(tmp_path / "a.nii.gz", np.moveaxis(STACK, 0, -1))
    assert count_frames(path) == 5
    assert np.array_equal(np.stack(list(iterate_frames(path))), STACK)
