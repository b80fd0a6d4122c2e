"""The size of a window that is centred on its pixel."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("the window must be odd to be centred on its pixel")
    return size


OddSize = Annotated[int, Field(ge=1, le=101), AfterValidator(_odd)]
