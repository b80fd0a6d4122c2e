"""Compiled loops: constants, and the names under which machine code is kept."""

import os
import subprocess
import sys

import numpy as np
from program_files import program
from usbench.methods.classical.moments import estimates, local_mean, local_variance

from usbench.runtime.numba_loops import loop

SCALE = 2.0


@loop
def once(value):
    return value


@loop
def twice(value):
    return SCALE * value


inner = once


@loop
def over(values):
    total = 0.0
    for value in values:
        total += inner(value)
    return total


def test_constants_stand_for_names_here_and_in_the_loops_that_are_called():
    values = np.arange(4.0)
    assert over(values) == 6
    assert over.given(inner=twice)(values) == 12
    assert over.given(inner=twice, SCALE=3.0)(values) == 18
    assert over(values) == 6


def test_a_variant_is_made_once():
    assert over.given(inner=twice) is over.given(inner=twice)
    assert over.given(inner=twice) is not over.given(inner=once)


def test_variants_of_loops_from_one_file_never_share_machine_code():
    variants = [estimates.given(SIDE=side, estimate=loop) for side in (5, 7) for loop in (local_mean, local_variance)]
    assert len({variant._compiled.__qualname__ for variant in variants}) == 4
    padded = np.random.default_rng(0).random((1, 16, 16)).astype(np.float32)
    results = [variant(padded, ()) for variant in variants]
    assert not np.allclose(results[0], results[1])
    np.testing.assert_allclose(results[2][0, 0, 0], padded[0, :7, :7].mean(), rtol=1e-5)
    np.testing.assert_allclose(results[3][0, 0, 0], padded[0, :7, :7].var(), rtol=1e-4)


def test_threads_of_torch_stay_as_many_as_the_user_set():
    found = subprocess.run(
        [sys.executable, "-c", program("threads_of_torch")],
        env=os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert found.stdout == "1\n"
