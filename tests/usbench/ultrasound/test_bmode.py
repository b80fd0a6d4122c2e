"""Envelope and display domain."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from usbench.ultrasound.bmode import log_compress, log_expand


@given(decibels=st.floats(-60, 0), dynamic_range=st.floats(60, 100))
def test_display_is_linear_in_decibels(decibels, dynamic_range):
    display = log_compress(np.array([10 ** (decibels / 20)]), dynamic_range)
    assert np.allclose(display, 1 + decibels / dynamic_range)


@given(display=st.floats(0, 1), dynamic_range=st.floats(20, 120))
def test_expand_undoes_compress(display, dynamic_range):
    assert np.allclose(log_compress(log_expand(np.array([display]), dynamic_range), dynamic_range), display)


def test_zero_and_more_than_the_maximum_are_clipped():
    assert log_compress(np.array([0.0, 1e-9, 5.0])).tolist() == [0, 0, 1]


def test_numpy_and_torch_agree():
    envelope = np.random.default_rng(0).random((5, 6))
    assert np.allclose(log_compress(torch.from_numpy(envelope)).numpy(), log_compress(envelope))
