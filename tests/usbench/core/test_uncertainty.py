"""A method may report its uncertainty: a report is checked, and a method without one is not asked."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

import usbench
from usbench.core.errors import MethodError
from usbench.core.uncertainty import Uncertain, uncertainty_of

SAMPLE = usbench.Sample("s", np.linspace(0, 1, 60, dtype=np.float32).reshape(6, 10))


def telling(tell, domain="display"):
    @dataclass(frozen=True)
    class Telling(usbench.Method):
        name = "telling"
        card = usbench.MethodCard(title="Telling", family="test", domain=domain)

        def despeckle(self, image):
            return image

        def uncertainty(self, image):
            return tell(image)

    return Telling()


def test_what_is_told_comes_back_as_a_plane():
    np.testing.assert_array_equal(uncertainty_of(telling(lambda image: image / 8), SAMPLE), SAMPLE.image / 8)


def test_a_method_without_uncertainty_is_not_asked():
    identity = usbench.load_method("identity")
    assert not isinstance(identity, Uncertain)
    assert uncertainty_of(identity, SAMPLE) is None
    assert uncertainty_of(telling(lambda image: 1 / 0, "envelope"), SAMPLE) is None  # not the grey of the display


@pytest.mark.parametrize(
    ("tell", "reason"),
    [
        (lambda image: image.numpy(), "is ndarray where a torch tensor is expected"),
        (lambda image: image[0], r"has shape \(1, 6, 10\) for an image of shape \(1, 1, 6, 10\)"),
        (lambda image: image.double(), "is torch.float64 on cpu where torch.float32"),
        (lambda image: image / 0, "has values that are not finite"),
        (lambda image: image - 0.25, r"has values below 0, such as -0\.25"),
        (lambda image: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_what_is_no_standard_deviation_is_refused(tell, reason):
    with pytest.raises(MethodError, match=f"The uncertainty of telling {reason}"):
        uncertainty_of(telling(tell), SAMPLE)


def test_a_sentence_of_the_method_is_passed_on():
    def tell(image: torch.Tensor) -> torch.Tensor:
        raise MethodError("That takes two draws.")

    with pytest.raises(MethodError, match=r"^That takes two draws\.$"):
        uncertainty_of(telling(tell), SAMPLE)
