"""What no variable of a notebook's language can be called or hold, told before anything runs."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from podbook_crds.checking.typed_languages import LANGUAGES
from podbook_crds.errors import Violation
from podbook_crds.formats.json_pointers import pointer_step

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
# The largest integer below which R's numbers, which are doubles, tell all integers apart.
_DOUBLE: Final = 2**53

_R_RESERVED: Final = frozenset(
    {
        *("if", "else", "repeat", "while", "function", "for", "next", "break", "in"),
        *("TRUE", "FALSE", "NULL", "Inf", "NaN"),
        *("NA", "NA_integer_", "NA_real_", "NA_complex_", "NA_character_"),
    }
)
_BASH_READ_ONLY: Final = frozenset(
    {"BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"}
)

# Yields a step of the pointer, or none, and what is wrong there.
_Found = Iterator[tuple[str, str]]


def unwritable(parameters: Mapping[str, Any], language: str, *, root: str) -> list[Violation]:
    """Return the names and values that the language cannot write down as they are."""
    judge = _LANGUAGES.get(language.lower())
    if judge is None:
        return []
    return [
        Violation(f"{root}{pointer_step(name)}{below}", why)
        for name, value in parameters.items()
        for below, why in judge(name, value)
    ]


def _r(name: str, value: Any) -> _Found:
    if name.startswith("_"):
        yield "", "a variable of R does not begin with _; give the parameter another name"
    if name in _R_RESERVED:
        yield "", "R takes no value for it; give the parameter another name"
    yield from _r_value(value, "")


def _r_value(value: Any, at: str) -> _Found:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "":
                yield f"{at}/", "a list of R has no member without a name"
            yield from _r_text(key, at, "the name of a member")
            yield from _r_value(item, at + pointer_step(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _r_value(item, f"{at}/{index}")
    elif isinstance(value, str):
        yield from _r_text(value, at, "the text")
    elif isinstance(value, int) and abs(value) > _DOUBLE:
        yield at, "an integer of R beyond 2^53 loses digits; send it as text"


def _r_text(text: str, at: str, what: str) -> _Found:
    if "\0" in text or _SURROGATES.search(text):
        yield at, f"{what} holds a NUL or half a surrogate pair, and no string of R can"


def _bash(name: str, value: Any) -> _Found:
    if name in _BASH_READ_ONLY:
        yield "", "a variable that Bash lets nobody set; give the parameter another name"
    if isinstance(value, dict | list):
        kind = "an object" if isinstance(value, dict) else "a list"
        yield "", f"{kind}, and variables of Bash hold texts and numbers only; send it as JSON text"
    elif isinstance(value, str) and ("\0" in value or _SURROGATES.search(value)):
        yield "", "the text holds a NUL or half a surrogate pair, and no variable of Bash can"


_LANGUAGES: Final[dict[str, Callable[[str, Any], _Found]]] = {
    "r": _r,
    "bash": _bash,
    **{name: language.judge for name, language in LANGUAGES.items()},
}
