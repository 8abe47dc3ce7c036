"""Reads JSON as RFC 8259 means it: no NaN, no name twice, no nesting without end."""

import json
from typing import Any, Final, NoReturn

from podbook_crds.formats import odd_numbers

# Far beyond any contract; Python's own recursion limit stands at 1000 frames.
_DEPTH: Final = 200
_DIGITS: Final = 4000


class NotJson(ValueError):
    """The text is not JSON, or not JSON that means one thing only."""


class NoNumber(NotJson):
    """What stands where a number may stand is none that can be kept."""


def parse(data: bytes | str) -> Any:
    """Return the value; raise NotJson with a sentence that says what is wrong and where."""
    try:
        # Python would guess UTF-16 and UTF-32 as well.
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_constant,
            parse_float=to_float,
            parse_int=to_int,
        )
    except NoNumber as error:
        place = odd_numbers.place_of_first(text, to_float=to_float, to_int=to_int)
        raise NotJson(f"{place}: {error}" if place else str(error)) from error
    except NotJson:
        raise
    except RecursionError as error:
        raise NotJson(f"nested more than {_DEPTH} levels deep") from error
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} (line {error.lineno}, column {error.colno})") from error
    check_depth(value)
    return value


def text(value: Any) -> str:
    """Return JSON that UTF-8 can hold, as short as it gets.

    Escapes stand in for lone surrogates alone: what is not English is no longer than elsewhere.
    """
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written if _encodes(written) else json.dumps(value, separators=(",", ":"))


def survives(value: Any) -> bool:
    """Tell whether the value comes back unchanged from a store that reads JSON as Go does.

    Go makes 1.0 the integer 1, integers beyond 64 bits floats, and lone surrogates U+FFFD.
    """
    if isinstance(value, dict):
        return all(survives(key) and survives(item) for key, item in value.items())
    if isinstance(value, list):
        return all(survives(item) for item in value)
    if isinstance(value, float):
        return not value.is_integer()
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, str):
        return value.isascii() or _encodes(value)
    return True


def to_float(text: str) -> float:
    """Return the number; raise NotJson where it is none that a double can be."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NoNumber(f"the number {text[:40]} is larger than a number can be")
    return value


def to_int(text: str) -> int:
    """Return the number; raise NotJson where it has more digits than Python reads."""
    if len(text) > _DIGITS:
        raise NoNumber(f"a number has more than {_DIGITS} digits")
    return int(text)


def check_depth(value: Any) -> None:
    """Raise NotJson where lists and objects stand inside each other without end."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEPTH:
            raise NotJson(f"nested more than {_DEPTH} levels deep")
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        position = {name: place for place, (name, _) in enumerate(pairs)}
        twice = next(name for place, (name, _) in enumerate(pairs) if position[name] != place)
        raise NotJson(f"the name {twice[:80]!r} stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise NoNumber(f"{name} is not JSON")
