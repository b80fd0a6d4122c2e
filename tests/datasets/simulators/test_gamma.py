"""Gamma speckle against its closed form."""

import pytest
from speckle import flat, simulated


@pytest.mark.parametrize("looks", [1, 4, 16])
def test_gamma_has_unit_mean_and_its_looks(looks):
    noisy = simulated(f"gamma[looks={looks}]", flat(0.05))
    assert noisy.mean() == pytest.approx(0.05, rel=0.01)
    assert (noisy.mean() / noisy.std()) ** 2 == pytest.approx(looks, rel=0.03)
