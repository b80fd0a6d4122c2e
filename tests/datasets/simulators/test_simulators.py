"""Randomised speckle, raw and processed, is unbiased about its reference and of eight bits."""

import numpy as np
import pytest
from speckle import draws


@pytest.mark.parametrize(("name", "spread"), [("varied", 0.015), ("processed", 0.02)])
@pytest.mark.parametrize("value", [0.25, 0.6, 0.85])
def test_the_reference_is_the_mean_of_the_display(name, spread, value):
    differences = [made.image.mean() - made.reference.mean() for made in draws(name, value, 40)]
    assert np.mean(differences) == pytest.approx(0, abs=0.004)
    assert np.std(differences) < spread


@pytest.mark.parametrize("name", ["varied", "processed"])
def test_it_is_rounded_to_eight_bits(name):
    image = draws(name, 0.6, 1)[0].image
    assert np.allclose(image * 255, np.round(image * 255), atol=1e-4)
