"""Flat images, and what simulators make of them."""

import numpy as np

import usbench
from usbench.core.simulator import Simulated


def flat(value: float, side: int = 512) -> np.ndarray:
    return np.full((side, side), value, np.float32)


def simulated(name: str, clean: np.ndarray) -> np.ndarray:
    return usbench.load_simulator(name).simulate(clean, np.random.default_rng(0)).image.astype(float)


def draws(name: str, value: float, count: int) -> list[Simulated]:
    simulator = usbench.load_simulator(name)
    return [simulator.simulate(flat(value, 128), np.random.default_rng(seed)) for seed in range(count)]
