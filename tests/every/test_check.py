"""The conformance test finds what is wrong."""

from dataclasses import dataclass

import numpy as np
import torch

import usbench
from usbench.check import check_method, check_metric, check_simulator


def broken(findings) -> set[str]:
    return {finding.check for finding in findings if not finding.passed}


def method(despeckle) -> usbench.Method:
    card = usbench.MethodCard(title="x", family="x")
    return dataclass(frozen=True)(type("X", (usbench.Method,), {"card": card, "despeckle": despeckle}))()


def test_a_method_that_cannot_take_small_images():
    assert broken(check_method(method(lambda self, x: x[:, :, 2:, 2:]))) >= {
        "takes any height and width and returns the same"
    }


def test_a_method_that_divides_by_the_variance():
    def despeckle(self, x):
        return (x - x.mean()) / x.var(correction=0).sqrt()

    assert "takes black, grey and white images" in broken(check_method(method(despeckle)))


def test_a_method_with_fresh_randomness():
    found = broken(check_method(method(lambda self, x: (x + 0.1 * torch.rand_like(x)).clamp(0, 1))))
    assert "gives the same result twice" in found


def test_a_method_that_overwrites_its_input():
    assert "leaves its input as it was" in broken(check_method(method(lambda self, x: x.mul_(0.5))))


def test_a_method_that_mixes_its_batch():
    found = broken(check_method(method(lambda self, x: x.mean(0, keepdim=True).expand_as(x).clone())))
    assert found == {"treats each image of a batch alike"}


def test_a_simulator_with_a_generator_of_its_own():
    @dataclass(frozen=True)
    class Own(usbench.Simulator):
        card = usbench.SimulatorCard(title="x", speckle="x")

        def simulate(self, clean, rng):
            return usbench.Simulated(np.random.default_rng().random(clean.shape).astype(np.float32), clean)

    assert broken(check_simulator(Own())) == {"draws from the generator alone"}


def test_a_metric_that_is_not_a_number():
    metric = usbench.Metric("x", "x", lambda y: float("nan"), (), "higher", "", "x")
    assert broken(check_metric(metric)) == {"is a finite, repeatable number where it is available"}
