"""The base of cards: an error about a field says the name of the field."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from usbench.core.errors import PluginError
from usbench.core.parameters import did_you_mean


class Card(BaseModel):
    """A frozen card of a plugin.

    Raises
    ------
    PluginError
        If a field is unknown, missing or of another type. The message names it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
            field = ".".join(map(str, first["loc"]))
            name, known = type(self).__name__, type(self).model_fields
            if first["type"] == "extra_forbidden":
                message = f"{name} has no field {field!r}.{did_you_mean(field, known)} It has {', '.join(known)}."
            elif first["type"] == "missing":
                message = f"{name} needs the field {field!r}."
            else:
                message = f"{name}: the field {field}={first['input']!r} is refused: {first['msg']}."
            raise PluginError(message) from None
