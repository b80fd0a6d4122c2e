"""Tests of every marker."""

import pytest


def test_quick(): ...


@pytest.mark.full
@pytest.mark.parametrize("n", range(3))
def test_long(n): ...


@pytest.mark.slow
def test_of_hours(): ...
