"""What detection found in an article, as JSON for the checkpoint, and back.

Each dataclass is the list of its fields in their order, so what was written under other fields is
not to be read: `ArticleDetectionNotes` sees to that.
"""

import datetime as dt
from array import array
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from service.backfill.safety import kept_json
from service.core.mentions import ArticleDetection

_Turn = Callable[[Any], Any]
_NOTHING = object()
_PLACES: tuple[_Turn, ...] = (list, lambda of: range(*of), partial(array, "I"))
"""What holds offsets, made anew, by the number that stands before them."""


def encode(found: ArticleDetection) -> str:
    """Write it."""
    return kept_json.write(_codec(ArticleDetection)[0](found))


def decode(text: str) -> ArticleDetection:
    """Read what `encode` wrote."""
    found: ArticleDetection = _codec(ArticleDetection)[1](kept_json.read(text))
    return found


@cache
def _codec(hint: Any) -> tuple[_Turn, _Turn]:  # noqa: ANN401, C901, PLR0911 - any type, each its own
    """Return what turns a value of a type into JSON, and back."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _of_class(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda one: one.value, hint
    if hint is dt.date:
        return dt.date.isoformat, dt.date.fromisoformat
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return _of_union(arguments)
    if origin is tuple and arguments[1:] != (...,):
        parts = [_codec(each) for each in arguments]
        if all(turn is _same for turn, _ in parts):
            return list, tuple
        return (
            lambda one: [turn(each) for (turn, _), each in zip(parts, one, strict=True)],
            lambda told: tuple([back(each) for (_, back), each in zip(parts, told, strict=True)]),
        )
    if origin is tuple:
        turn, back = _codec(arguments[0])
        if turn is _same:
            return list, tuple
        return (
            lambda many: [turn(each) for each in many],
            lambda told: tuple([back(each) for each in told]),
        )
    if hint == Sequence[int]:
        return _places, lambda told: _PLACES[told[0]](told[1])
    if hint in {str, int, bool, NoneType}:
        return _same, _same
    message = f"no way is known to keep a {hint}"
    raise TypeError(message)


def _of_class(made: type) -> tuple[_Turn, _Turn]:
    """Return the same for a dataclass; what its last fields are anyway is left out."""
    hints = get_type_hints(made)
    parts = [_codec(hints[each.name]) for each in fields(made)]
    turns = [(at, turn) for at, (turn, _) in enumerate(parts) if turn is not _same]
    backs = [(at, back) for at, (_, back) in enumerate(parts) if back is not _same]
    usual = [_default(each) for each in fields(made)]
    values_of = attrgetter(*(each.name for each in fields(made)))
    is_single = len(parts) == 1

    def written(one: object) -> list[Any]:
        values = [values_of(one)] if is_single else list(values_of(one))
        while values and values[-1] == usual[len(values) - 1]:
            values.pop()
        there = len(values)
        for at, turn in turns:
            if at >= there:
                break
            values[at] = turn(values[at])
        return values

    def read(values: list[Any]) -> object:
        there = len(values)
        for at, back in backs:
            if at >= there:
                break
            values[at] = back(values[at])
        return made(*values)

    return written, read


def _default(field: Field[Any]) -> Any:  # noqa: ANN401 - of any type
    """Return what a field is if nothing is given, an object of no other kind if that cannot be."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return _NOTHING if field.default is MISSING else field.default


def _of_union(kinds: tuple[Any, ...]) -> tuple[_Turn, _Turn]:
    """Return the same for one of several types: the value of a single one or None, else which it is
    and its value.
    """
    some = [each for each in kinds if each is not NoneType]
    parts = [_codec(each) for each in some]
    if len(some) == 1:
        ((turn, back),) = parts
        return (
            lambda one: None if one is None else turn(one),
            lambda told: None if told is None else back(told),
        )
    which = {each: number for number, each in enumerate(some)}

    def written(one: object) -> list[Any] | None:
        if one is None:
            return None
        number = which[type(one)]
        return [number, parts[number][0](one)]

    return written, lambda told: None if told is None else parts[told[0]][1](told[1])


def _places(places: Sequence[int]) -> list[Any]:
    """Write offsets, and what holds them: a list, a range where they go up by one, or an array."""
    if isinstance(places, range):
        return [1, [places.start, places.stop, places.step]]
    return [2 if isinstance(places, array) else 0, list(places)]


def _same(value: Any) -> Any:  # noqa: ANN401 - JSON as it is
    return value
