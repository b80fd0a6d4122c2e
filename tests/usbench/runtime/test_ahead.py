"""Values are made ahead of their use, in order, and no further than asked."""

import threading

import pytest

from usbench.runtime.ahead import ahead


def test_values_come_in_order_and_the_next_is_made_meanwhile():
    second = threading.Event()

    def values():
        yield 1
        second.set()
        yield 2
        yield 3

    found = ahead(values())
    assert next(found) == 1
    assert second.wait(60)  # made while the first is in use
    assert list(found) == [2, 3]


def test_an_error_is_raised_in_its_place():
    def values():
        yield 1
        raise ValueError("no second")

    found = ahead(values())
    assert next(found) == 1
    with pytest.raises(ValueError, match="no second"):
        next(found)


def test_no_more_is_made_than_asked():
    made = []

    def values():
        for number in range(100):
            made.append(number)
            yield number

    found = ahead(values(), 3)
    assert next(found) == 0
    found.close()
    assert len(made) <= 5
