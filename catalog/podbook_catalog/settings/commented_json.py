"""Reads JSON in which people wrote comments, with the line and column of a mistake."""

import json
import re
import sys
from typing import Any, Final

from podbook_crds.formats import odd_numbers, strict_json

# A string is matched first, so that `//` inside one is no comment.
_TOKENS: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r",\s*[}\]]")


class MalformedJson(ValueError):
    """The text is no JSON; the message names line and column, both from 1."""


def parse(text: str) -> Any:
    """Return the value of a JSON text with `//` and `/* */` comments.

    Raises MalformedJson for text that is no JSON, a key that stands twice in one object, and the
    numbers NaN and Infinity, which JSON does not have, or that are larger than numbers get.
    """
    plain = blanked(text.removeprefix("\ufeff"))
    try:
        value = json.loads(
            plain,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=strict_json.to_float,
            parse_int=_to_int,
        )
        strict_json.check_depth(value)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson(f"{place}: {_advice(error, plain)}") from error
    except strict_json.NoNumber as error:
        place = odd_numbers.place_of_first(plain, to_float=strict_json.to_float, to_int=_to_int)
        raise MalformedJson(f"{place}: {error}" if place else str(error)) from error
    except strict_json.NotJson as error:
        raise MalformedJson(str(error)) from error
    except RecursionError as error:
        raise MalformedJson("nested too deeply to read") from error
    return value


def blanked(text: str) -> str:
    """Return the text with blanks in the place of comments: every character keeps its place."""
    return _TOKENS.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    """Replace a comment by as many blanks: what follows keeps its line and column."""
    token = match.group()
    return token if token.startswith('"') else re.sub(r"[^\n]", " ", token)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise MalformedJson(f"the key {key!r} stands twice in one object; keep one")
        seen[key] = value
    return seen


def _to_int(text: str) -> int:
    """Return the number; the cluster keeps a contract's numbers as doubles, whole ones too."""
    value = strict_json.to_int(text)
    if abs(value) > sys.float_info.max:
        digits = len(text.removeprefix("-"))
        raise strict_json.NoNumber(f"a number of {digits} digits is larger than a number can be")
    return value


def _no_constant(name: str) -> None:
    raise strict_json.NoNumber(f"{name} is no JSON; write null or a number")


def _advice(error: json.JSONDecodeError, text: str) -> str:
    before = text[: error.pos].rstrip()
    around = text[max(len(before) - 1, 0) : error.pos + 1]
    if _TRAILING_COMMA.search(around):
        return "a comma before the closing bracket; remove it"
    if text[error.pos : error.pos + 1] == "'":
        return "a text in single quotes; JSON takes double quotes"
    if text.strip() and not before:
        return "it is no JSON, which begins with `{` here; YAML is not read"
    return error.msg
