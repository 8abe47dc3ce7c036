"""Label and field selectors as predicates over what the store indexes of an object."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from podbook_cluster.apiserver.terms.errors import bad_request
from podbook_cluster.apiserver.terms.identifiers import is_label_value, is_qualified_name
from podbook_cluster.apiserver.terms.resources import Resource

_REQUIREMENT: Final = re.compile(r"[^,()]+(?:\([^)]*\))?")
_SET_BASED: Final = re.compile(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)")
_EQUALITY: Final = re.compile(r"([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)")
_COMPARISON: Final = re.compile(r"(\S+?)\s*([<>])\s*(-?\d+)")
_KEY: Final = re.compile(r"!?\s*([A-Za-z0-9][\w./-]*)")
_FIELD: Final = re.compile(r"((?:[^=!\\]|\\.)+)(==|=|!=)((?:[^=\\]|\\.)*)")

Test = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Selector:
    """What of a list or a watch the caller wants to see."""

    labels: tuple[Test, ...] = ()
    fields: tuple[Test, ...] = ()

    def matches(self, labels: Mapping[str, str], fields: Mapping[str, str]) -> bool:
        """Return whether an object with these labels and selectable fields is wanted."""
        return all(test(labels) for test in self.labels) and all(
            test(fields) for test in self.fields
        )

    @property
    def is_empty(self) -> bool:
        """Whether it wants everything."""
        return not self.labels and not self.fields


def parse(resource: Resource, label_selector: str, field_selector: str) -> Selector:
    """Return the selector of a request.

    Raises:
        ApiError: 400 where a selector can't be read or names a field that is not selectable.

    """
    return Selector(_labels(label_selector), _fields(resource, field_selector))


def _labels(text: str) -> tuple[Test, ...]:
    return tuple(_label_test(part.strip()) for part in _REQUIREMENT.findall(text) if part.strip())


def _label_test(part: str) -> Test:
    if match := _SET_BASED.fullmatch(part):
        values = frozenset(value.strip() for value in match[3].split(","))
        return _membership(_key(match[1]), values, match[2] == "in")
    if match := _EQUALITY.fullmatch(part):
        return _membership(_key(match[1]), frozenset({match[3]}), match[2] != "!=")
    if match := _COMPARISON.fullmatch(part):
        return _comparison(_key(match[1]), match[2], int(match[3]))
    if match := _KEY.fullmatch(part):
        return _presence(_key(match[1]), wanted=not part.startswith("!"))
    raise bad_request(f"unable to parse requirement: {part!r} is not a label selector")


def _key(text: str) -> str:
    if not is_qualified_name(text):
        raise bad_request(f"unable to parse requirement: {text!r} is not a label key")
    return text


def _membership(key: str, values: frozenset[str], wanted: bool) -> Test:
    for value in values:
        if not is_label_value(value):
            raise bad_request(f"unable to parse requirement: {value!r} is not a label value")
    # An absent label is "not in" every set.
    return lambda labels: (labels.get(key) in values) == wanted


def _comparison(key: str, operator: str, bound: int) -> Test:
    def test(labels: Mapping[str, str]) -> bool:
        value = labels.get(key, "")
        if not value.lstrip("-").isdigit():
            return False
        return int(value) > bound if operator == ">" else int(value) < bound

    return test


def _presence(key: str, *, wanted: bool) -> Test:
    return lambda labels: (key in labels) == wanted


def _fields(resource: Resource, text: str) -> tuple[Test, ...]:
    return tuple(_field_test(resource, part) for part in re.split(r"(?<!\\),", text) if part)


def _field_test(resource: Resource, part: str) -> Test:
    match = _FIELD.fullmatch(part)
    if match is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    field, operator, value = match[1].strip(), match[2], re.sub(r"\\(.)", r"\1", match[3])
    if field not in ("metadata.name", "metadata.namespace", *resource.fields):
        raise bad_request(f"field label not supported: {field}")
    wanted = operator != "!="
    return lambda fields: (fields.get(field, "") == value) == wanted
