"""The decorator, batches of NumPy methods, and what a method may not do."""

import numpy as np
import pytest
import torch

import usbench
from usbench.core.errors import MethodError, PluginError


@usbench.numpy_method(title="Gain", family="test", licence="MIT")
def gain(image, by: float = 2.0, floor: int = 0):
    """Multiply."""
    return np.clip(image * by, floor, 1)


def test_a_function_becomes_a_method_with_parameters():
    method = gain(by=0.5)
    assert method.label == "gain[by=0.5]"
    assert method.values() == {"by": 0.5, "floor": 0}
    assert method.card.licence == "MIT"
    image = torch.rand(3, 1, 4, 6)
    assert torch.allclose(method.despeckle(image), 0.5 * image)


def test_values_are_converted_and_checked():
    assert gain.create({"by": "3"}).by == 3.0
    with pytest.raises(usbench.UsbenchError, match="floor='low' is refused"):
        gain(floor="low")


def test_parameters_need_defaults():
    with pytest.raises(PluginError, match="'k' of bare needs a default"):

        @usbench.numpy_method
        def bare(image, k):
            return image


def test_a_method_may_overwrite_its_own_copy():
    @usbench.numpy_method
    def zero(image):
        image[:] = 0
        return image

    image = torch.ones(1, 1, 3, 3)
    zero().despeckle(image)
    assert image.min() == 1


def test_a_wrong_shape_is_a_sentence():
    @usbench.numpy_method
    def crop(image):
        return image[1:]

    with pytest.raises(MethodError, match=r"crop returned an image of shape \(2, 3\) for one of shape \(3, 3\)"):
        crop().despeckle(torch.ones(1, 1, 3, 3))


def test_parameter_sets_are_frozen():
    with pytest.raises(AttributeError):
        gain().by = 3


def test_an_envelope_method_gets_the_envelope():
    @usbench.numpy_method(domain="envelope")
    def peek(image):
        seen.append(image)
        return image

    seen: list[np.ndarray] = []
    from usbench.evaluation.evaluate import despeckle_sample

    display = np.array([[0.0, 0.5, 1.0]], np.float32)
    result = despeckle_sample(peek(), usbench.Sample("a", display, dynamic_range_db=40.0))
    assert np.allclose(seen[0], [[0.01, 0.1, 1.0]])
    assert np.allclose(result, display, atol=1e-6)
    linear = despeckle_sample(peek(), usbench.Sample("a", display))
    assert np.array_equal(seen[1], display)
    assert np.array_equal(linear, display)
