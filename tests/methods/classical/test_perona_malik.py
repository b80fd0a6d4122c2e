"""Perona-Malik diffusion against a literal transcription of its scheme, pixel by pixel."""

import numpy as np
import pytest
from plain_loops import (
    CLOSE,
    perona_malik,
)
from usbench.methods.classical.perona_malik import PeronaMalik


@pytest.mark.parametrize(
    ("name", "conduction"),
    [("exponential", lambda g: np.exp(-(g**2))), ("rational", lambda g: 1 / (1 + g**2))],
)
def test_perona_malik(image, name, conduction):
    method = PeronaMalik(iterations=7, kappa=0.2, step=0.2, conduction=name)
    assert np.allclose(method.despeckle_plane(image), perona_malik(image, 7, 0.2, 0.2, conduction), **CLOSE)
