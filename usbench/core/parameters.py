"""Frozen, validated parameter sets with stable names and hashes.

Every configurable plugin (method, simulator, data set) is a frozen dataclass derived from `Parameters`. Its fields are
its parameters; `Annotated[int, Field(gt=0)]` (pydantic) states a range. The canonical name, such as
`srad[iterations=200]`, lists the values that differ from the defaults; the hash covers every value.
"""

import dataclasses
import difflib
import hashlib
import json
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Self

from usbench.core.errors import UsageError


@cache
def _adapters(cls: type) -> dict[str, Any]:
    """Return a pydantic validator per parameter of `cls`."""
    from pydantic import TypeAdapter

    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: TypeAdapter(hints[field.name]) for field in dataclasses.fields(cls) if field.init}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" with the nearest known name, or an empty string."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


class Parameters:
    """Base of frozen dataclasses whose fields are validated on construction.

    Raises
    ------
    UsageError
        If a value has the wrong type or is out of its range.
    """

    def __post_init__(self) -> None:
        from pydantic import ValidationError

        for name, adapter in _adapters(type(self)).items():  # type: ignore[arg-type]
            try:
                value = adapter.validate_python(getattr(self, name))
            except ValidationError as error:
                reason = error.errors()[0]["msg"]
                message = f"{type(self).__name__}: parameter {name}={getattr(self, name)!r} is refused: {reason}."
                raise UsageError(message) from None
            if value != value:
                raise UsageError(f"{type(self).__name__}: parameter {name} is not a number (NaN).")
            object.__setattr__(self, name, value)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the default of every parameter (parameters without one are left out)."""
        found = {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if field.init and field.default is not dataclasses.MISSING:
                found[field.name] = field.default
        return found

    @classmethod
    def create(cls, given: Mapping[str, Any]) -> Self:
        """Return a parameter set from names and values; text is converted.

        Raises
        ------
        UsageError
            If a name is unknown, a required value is missing, or a value is invalid.
        """
        fields = {field.name: field for field in dataclasses.fields(cls) if field.init}  # type: ignore[arg-type]
        for name in given:
            if name not in fields:
                has = f"it has {', '.join(fields)}" if fields else "it has none"
                raise UsageError(f"{cls.__name__} has no parameter {name!r}; {has}.{did_you_mean(name, fields)}")
        missing = [name for name, field in fields.items() if name not in given and _is_required(field)]
        if missing:
            raise UsageError(f"{cls.__name__} needs a value for {', '.join(missing)}.")
        return cls(**given)

    @classmethod
    def free_texts(cls) -> frozenset[str]:
        """Return the names of parameters that may be any text, such as a path; see `usbench.core.untrusted`.

        A text that its type limits to choices (`Literal`) or by a pattern (`Field(pattern=...)`) is not one of them.
        """
        hints = typing.get_type_hints(cls, include_extras=True)
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]
        return frozenset(field.name for field in fields if field.init and _is_free_text(hints[field.name]))

    def values(self) -> dict[str, Any]:
        """Return every parameter with its value."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.init}  # type: ignore[arg-type]

    def suffix(self, skip: Iterable[str] = ()) -> str:
        """Return `[name=value,...]` with the values that differ from the defaults, sorted; empty if none does."""
        defaults, left_out = self.defaults(), set(skip)
        changed = {
            name: value
            for name, value in sorted(self.values().items())
            if name not in left_out and (name not in defaults or defaults[name] != value)
        }
        return "[" + ",".join(f"{k}={_text(v)}" for k, v in changed.items()) + "]" if changed else ""

    def values_hash(self) -> str:
        """Return a hash of all values, including defaults."""
        return hashlib.sha256(values_json(self.values()).encode()).hexdigest()[:16]


def values_json(values: Mapping[str, Any]) -> str:
    """Return the canonical JSON of a mapping: sorted keys, no spaces."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)


def _is_free_text(hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Annotated:
        inner, *notes = typing.get_args(hint)
        patterns = (getattr(part, "pattern", None) for note in notes for part in getattr(note, "metadata", ()))
        return not any(patterns) and _is_free_text(inner)
    if typing.get_origin(hint) is typing.Literal:
        return False
    inner_hints = typing.get_args(hint)
    return any(map(_is_free_text, inner_hints)) if inner_hints else hint not in (bool, int, float, type(None))


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
