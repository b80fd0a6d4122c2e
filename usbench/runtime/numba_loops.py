"""Inner loops that numba compiles when they are first used.

A loop is in the file of its filter, under `@loop`. numba is imported and the loop compiled at the first call, which is
in the filter's `prepare`: listing the filters is fast, and no timed call compiles. Machine code is cached on disk next
to the file. Its name has a hash of the helpers' files, since numba checks only the loop's own file.

Rows or frames are spread over threads with `prange`. There are no sums over threads, so any number of threads gives the
same bits. Numbers are float32; a literal such as `0.5` is float64 to numba and would widen the loop, hence `HALF` and
the like.
"""

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any, overload

prange = range  # numba's own in a compiled loop

# Sums may be reordered and fused with products; infinities and NaN keep their meaning.
FAST = {"contract", "reassoc", "nsz", "arcp"}


class Loop:
    """A function that is compiled when it is first called.

    Parameters
    ----------
    function
        Takes arrays and numbers; other loops that it calls are compiled into it.
    parallel
        Whether `prange` spreads over threads.
    exact
        Whether sums keep their written order, so that equal patches have equal distances.
    constants
        Values for names of the function's module: numbers known to the compiler (it unrolls a loop of known length),
        or other loops.
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
        self._variants: dict[tuple[Any, ...], Loop] = {}
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__

    def __call__(self, *arguments: Any) -> Any:
        """Compile the function at the first call, and call it."""
        return self._compiled(*arguments)

    def given(self, **constants: Any) -> "Loop":
        """Return this loop with constants for names of its module, in it and in the loops that it calls."""
        key = tuple(sorted(constants.items(), key=lambda item: item[0]))
        if key not in self._variants:
            known = self.constants | constants
            self._variants[key] = Loop(self.function, self.parallel, self.exact, known)
        return self._variants[key]

    @cached_property
    def _compiled(self) -> Callable[..., Any]:
        import numba

        if self.parallel:
            start_threads()
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
        used = self.function.__code__.co_names
        helpers = {name: names[name] for name in used if isinstance(names.get(name), Loop)}
        return {name: helper.given(**helper._concerning(self.constants)) for name, helper in helpers.items()}

    def _concerning(self, constants: Mapping[str, Any]) -> dict[str, Any]:
        """Return the constants that this loop or one that it calls uses, and that have no value yet."""
        used = set(self.function.__code__.co_names) - set(self.constants)
        found = {name: value for name, value in constants.items() if name in used}
        for helper in self._helpers().values():
            found |= helper._concerning(constants)
        return found

    def _digest(self) -> str:
        modules = [inspect.getmodule(part) for part in (self.function, Loop)]
        parts = [self.function.__qualname__, *(inspect.getsource(module) for module in modules if module)]
        parts += [helper._digest() for _, helper in sorted(self._helpers().items())]
        parts += [f"{name}={value}" for name, value in self.constants.items() if not isinstance(value, Loop)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()[:8]


@overload
def loop(function: Callable[..., Any]) -> Loop: ...
@overload
def loop(*, parallel: bool = False, exact: bool = False) -> Callable[..., Loop]: ...
def loop(function: Callable[..., Any] | None = None, *, parallel: bool = False, exact: bool = False) -> Any:
    """Return a `Loop` of a function; a decorator with or without options."""
    return Loop(function, parallel, exact) if function is not None else lambda plain: Loop(plain, parallel, exact)


def start_threads() -> None:
    """Start numba's threads. That alone would set the number of torch's threads to theirs; it stays as it is."""
    import numba

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    numba.get_num_threads()
    if torch:
        torch.set_num_threads(before)
