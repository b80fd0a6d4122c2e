"""Inner loops that numba compiles when they are first used.

A filter's loop stands in the filter's own file under `@loop`. numba is imported and the loop compiled at the first
call, which is in `prepare`, so listing the filters costs nothing and no timed call compiles. Machine code is cached on
disk beside the file; its name carries a hash of the helpers' sources, since numba looks at the loop's own file alone.

Rows or frames are spread over threads with `prange`. A pixel's value never depends on how they are spread: there are no
sums over threads, so one thread and many give the same bits. Numbers are float32; a literal such as `0.5` is float64 to
numba and would widen the loop, hence `HALF` and the like.
"""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any, overload

import numpy as np

prange = range  # numba's own in a compiled loop

STRIP = 16  # rows that one thread takes at a time

ZERO, ONE, TWO, FOUR = (np.float32(number) for number in (0, 1, 2, 4))
HALF, QUARTER = np.float32(0.5), np.float32(0.25)
TINY = np.float32(1e-30)

# Sums may be taken in any order and fused with products; infinities and NaN keep their meaning.
FAST = {"contract", "reassoc", "nsz", "arcp"}


class Loop:
    """A function that is compiled when it is first called.

    Parameters
    ----------
    function
        Takes arrays and numbers; other loops among its module's names are compiled into it.
    parallel
        Whether `prange` spreads over threads.
    exact
        Whether sums are taken in the order in which they are written, so that equal patches have equal distances.
    constants
        What stands for names of the function's module: numbers that the compiler may build on (it unrolls a loop of
        known length), or other loops.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        parallel: bool = False,
        exact: bool = False,
        constants: Mapping[str, Any] | None = None,
    ) -> None:
        self.function = function
        self.parallel = parallel
        self.exact = exact
        self.constants = dict(constants or {})
        self._variants: dict[tuple, Loop] = {}
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__

    def __call__(self, *arguments: Any) -> Any:
        """Compile the function if it has not been, and call it."""
        return self._compiled(*arguments)

    def given(self, **constants: Any) -> "Loop":
        """Return this loop with constants in place of names of its module, here and in the loops that it calls."""
        key = tuple(sorted(constants.items(), key=lambda item: item[0]))
        if key not in self._variants:
            known = self.constants | constants
            self._variants[key] = Loop(self.function, self.parallel, self.exact, known)
        return self._variants[key]

    @cached_property
    def _compiled(self) -> Callable[..., Any]:
        import numba

        plain: Any = self.function
        scope = plain.__globals__ | self.constants | {"prange": numba.prange}
        scope |= {name: helper._compiled for name, helper in self._helpers().items()}
        copy = FunctionType(plain.__code__, scope, plain.__name__, plain.__defaults__)
        copy.__module__, copy.__doc__ = plain.__module__, plain.__doc__
        copy.__qualname__ = f"{plain.__qualname__}_{self._digest()}"
        fastmath = set() if self.exact else FAST
        return numba.njit(cache=True, nogil=True, parallel=self.parallel, fastmath=fastmath, error_model="numpy")(copy)

    def _helpers(self) -> dict[str, "Loop"]:
        names = self.function.__globals__ | self.constants
        used = self.function.__code__.co_names  # type: ignore[attr-defined]
        helpers = {name: names[name] for name in used if isinstance(names.get(name), Loop)}
        return {name: helper.given(**helper._concerning(self.constants)) for name, helper in helpers.items()}

    def _concerning(self, constants: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the constants that this loop, or one that it calls, has a name for and no value yet."""
        used = set(self.function.__code__.co_names) - set(self.constants)  # type: ignore[attr-defined]
        found = {name: value for name, value in constants.items() if name in used}
        for helper in self._helpers().values():
            found |= helper._concerning(constants)
        return found

    def _digest(self) -> str:
        parts = [inspect.getsource(self.function), inspect.getsource(inspect.getmodule(Loop))]  # type: ignore[arg-type]
        parts += [helper._digest() for _, helper in sorted(self._helpers().items())]
        parts += [f"{name}={value}" for name, value in self.constants.items() if not isinstance(value, Loop)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()[:8]


@overload
def loop(function: Callable[..., Any]) -> Loop: ...
@overload
def loop(*, parallel: bool = False, exact: bool = False) -> Callable[..., Loop]: ...
def loop(function: Callable[..., Any] | None = None, **options: bool) -> Any:
    """Make a `Loop` of a function, as decorator with or without options."""
    return Loop(function, **options) if function is not None else lambda plain: Loop(plain, **options)


LOG2E = np.float32(1.4426950408889634)
SHIFT = np.int32(23)  # bits below the exponent of a float32
LOWEST = np.float32(-80)
# 2^f on [0, 1), the greatest relative error made small: 8e-8, below float32's own; the highest power first
POWERS = tuple(
    np.float32(number)
    for number in (1.877575940e-03, 8.989341870e-03, 5.582631656e-02, 2.401536175e-01, 6.931530731e-01, 9.999999251e-01)
)


@loop
def exp32(exponent):
    """Return e to a float32 power below 88, and 0 for one below -80, in arithmetic that runs in vector lanes."""
    scaled = max(exponent, LOWEST) * LOG2E
    whole = np.int32(np.floor(scaled))
    rest = scaled - np.float32(whole)
    power = POWERS[0]
    power = power * rest + POWERS[1]
    power = power * rest + POWERS[2]
    power = power * rest + POWERS[3]
    power = power * rest + POWERS[4]
    power = power * rest + POWERS[5]
    bits = np.float32(power).view(np.int32) + (whole << SHIFT)
    return np.int32(bits).view(np.float32) if exponent >= LOWEST else ZERO


@loop
def mirror(index, extent):
    """Return where an index outside 0..extent-1 lands when the axis is mirrored about its edges, as often as needed."""
    period = 2 * extent
    inside = index % period
    return inside if inside < extent else period - 1 - inside


@loop(parallel=True)
def mirrored(stack, margin):
    """Return the stack continued by `margin` pixels on all four sides by mirroring about the edges."""
    frames, height, width = stack.shape
    result = np.empty((frames, height + 2 * margin, width + 2 * margin), stack.dtype)
    tall = height + 2 * margin
    for task in prange(frames * tall):
        source = stack[task // tall, mirror(task % tall - margin, height)]
        target = result[task // tall, task % tall]
        target[margin : margin + width] = source
        for column in range(margin):
            target[column] = source[mirror(column - margin, width)]
            target[margin + width + column] = source[mirror(width + column, width)]
    return result


LOG2 = np.float32(0.6931471805599453)
ROOT2 = np.float32(1.4142135623730951)
MANTISSA, EXPONENT_OF_ONE = np.int32(0x7FFFFF), np.int32(0x3F800000)
# of 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...)
ODD = tuple(np.float32(2 / number) for number in (7, 5, 3, 1))


@loop
def log32(value):
    """Return the natural logarithm of a positive, normal float32, within 2e-7 and the last bit, in vector lanes."""
    bits = np.float32(value).view(np.int32)
    whole = (bits >> SHIFT) - np.int32(127)
    rest = np.int32((bits & MANTISSA) | EXPONENT_OF_ONE).view(np.float32)
    upper = rest > ROOT2
    rest = rest * HALF if upper else rest
    exponent = np.float32(whole) + (ONE if upper else ZERO)
    slope = (rest - ONE) / (rest + ONE)
    square = slope * slope
    series = ((ODD[0] * square + ODD[1]) * square + ODD[2]) * square + ODD[3]
    return exponent * LOG2 + slope * series
