"""The noise of Loupas against its closed form."""

import numpy as np
import pytest
from speckle import flat, simulated


@pytest.mark.parametrize("level", [0.25, 0.64])
def test_loupas_deviation_grows_with_the_root(level):
    noisy = simulated("loupas[sigma=0.1]", flat(level))
    assert noisy.mean() == pytest.approx(level, rel=0.01)
    assert noisy.std() == pytest.approx(0.1 * np.sqrt(level), rel=0.02)
