"""What figures of boards share: texts of rows are drawn as they are."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def with_plain_texts(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return the function with matplotlib's formulas turned off: a name from rows with `$` in it is no formula."""

    @wraps(draw)
    def drawn(*given: Arguments.args, **named: Arguments.kwargs) -> Result:
        from matplotlib import rc_context

        with rc_context({"text.parse_math": False}):
            return draw(*given, **named)

    return drawn
