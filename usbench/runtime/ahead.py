"""Make values ahead of their use, in a thread."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
END = object()


def ahead(values: Iterator[T], count: int = 2) -> Iterator[T]:
    """Yield the values of an iterator, of which a thread makes up to `count` while others are in use.

    What the iterator raises is raised here, in its place. Once this is closed, at most the value in the making is made.
    """
    pool = ThreadPoolExecutor(1)
    made: deque[Future[Any]] = deque(pool.submit(next, values, END) for _ in range(count))
    try:
        while (value := made.popleft().result()) is not END:
            made.append(pool.submit(next, values, END))
            yield value
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
