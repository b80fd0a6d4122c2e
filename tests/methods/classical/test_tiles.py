"""Filters that work in tiles give the same result on large images as their schemes without tiles."""

import numba
import numpy as np
import pytest
from usbench.methods.classical.srad import Srad
from usbench.methods.classical.tiles import TALLEST, TURNS, WIDE, tile_height
from usbench.methods.classical.tv import Tv

from .test_srad import transcription as srad

LARGE = [(2 * TALLEST + 40, 24), (30, 2 * WIDE + 70), (TALLEST + 9, WIDE + 9)]
STEPS = 2 * TURNS + 5


def tv(image: np.ndarray, weight: float, iterations: int) -> np.ndarray:
    """Chambolle (2004), equation 9, with forward differences that are zero across the border."""

    def divergence(down, right):
        return np.diff(down, axis=0, prepend=0) + np.diff(right, axis=1, prepend=0)

    down, right = np.zeros(image.shape), np.zeros(image.shape)
    for _ in range(iterations):
        field = divergence(down, right) - image / weight
        to_down = np.diff(field, axis=0, append=field[-1:])
        to_right = np.diff(field, axis=1, append=field[:, -1:])
        norm = 1 + 0.125 * np.hypot(to_down, to_right)
        down, right = (down + 0.125 * to_down) / norm, (right + 0.125 * to_right) / norm
    return image - weight * divergence(down, right)


@pytest.fixture(params=LARGE, ids=str)
def large(request):
    return (0.05 + 0.9 * np.random.default_rng(1).random(request.param)).astype(np.float32)


def test_srad_on_several_tiles(large):
    method = Srad(iterations=STEPS, time_step=0.2, q0=0.6, rho=0.1)
    assert np.abs(method.despeckle_plane(large) - srad(large, STEPS, 0.2, 0.6, 0.1)).max() < 1e-5


def test_tv_on_several_tiles(large):
    assert np.abs(Tv(weight=0.3, iterations=STEPS).despeckle_plane(large) - tv(large, 0.3, STEPS)).max() < 1e-5


@pytest.mark.parametrize("method", [Srad(iterations=STEPS), Tv(iterations=STEPS)], ids=lambda method: method.name)
def test_the_height_of_tiles_changes_no_bit(method):
    image = np.random.default_rng(2).random((300, 200)).astype(np.float32)
    threads = numba.get_num_threads()
    results = []
    for count in {1, threads}:
        numba.set_num_threads(count)
        results.append(method.despeckle_plane(image))
    numba.set_num_threads(threads)
    assert all(np.array_equal(results[0], result) for result in results)


def test_every_thread_has_a_tile_and_no_tile_is_low_for_nothing(monkeypatch):
    monkeypatch.setattr(numba, "get_num_threads", lambda: 4)
    assert tile_height(1, 1024) == TALLEST
    assert tile_height(1, 400) == 100
    assert tile_height(4, 256) == 256  # a frame a thread
    assert tile_height(1, 100) == 50  # two of 50 rather than four of 25
    assert tile_height(1, 8) == 8
