"""Turns what does not fit a settings model into sentences that say what to write instead."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from podbook_catalog.settings.errors import Mistaken

_OBJECT: Final = "an object ({…})"
_WANTED: Final = {
    "model_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": "a list",
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
}


def check(value: Any, model: type[BaseModel]) -> None:
    """Raise Mistaken, naming every place, where the value does not fit the model.

    Keys that the model does not have are mistakes too: a misspelt `imput` must not mean that
    there is no contract.
    """
    if not isinstance(value, dict):
        raise Mistaken(f"{_OBJECT} is expected, not {_kind(value)}")
    sentences = list(_unknown_keys(value, model, ""))
    try:
        model.model_validate(value)
    except ValidationError as error:
        sentences += [_sentence(detail["loc"], _message(detail)) for detail in error.errors()]
    if sentences:
        raise Mistaken("; ".join(sentences))


def _unknown_keys(value: dict[str, Any], model: type[BaseModel], at: str) -> Iterator[str]:
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    for key, inner in value.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}"
            yield f"{at}/{key}: no such key; {advice}"
        elif inside := _model_of(known[key].annotation):
            for place, part in _parts(inner, f"{at}/{key}"):
                yield from _unknown_keys(part, inside, place)


def _parts(value: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects that a value is, or holds as a list, each with its place."""
    items = [(at, value)]
    if isinstance(value, list):
        items = [(f"{at}/{index}", item) for index, item in enumerate(value)]
    return ((place, item) for place, item in items if isinstance(item, dict))


def _model_of(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *get_args(annotation)]
    models = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
    return models[0] if models else None


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    pointer = "".join(f"/{part}" for part in place)
    return f"{pointer}: {message[:1].lower()}{message[1:]}"


def _message(detail: Any) -> str:
    """Return what is wrong; of kinds of values pydantic speaks as Python does, naming classes."""
    wanted = _WANTED.get(detail["type"])
    if wanted is None:
        return str(detail["msg"])
    return f"{wanted} is expected, not {_kind(detail['input'])}"


def _kind(value: Any) -> str:
    kinds = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return kinds.get(type(value), "a number")
