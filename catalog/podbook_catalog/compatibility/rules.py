"""The rules by which one keyword is proved from others; each says what would be narrower."""

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Final

from podbook_catalog.compatibility.nodes import Node, Unresolved, parts
from podbook_crds.formats.json_pointers import escaped as step_of

_TYPES: Final = frozenset({"array", "boolean", "null", "number", "object", "string", "integer"})
_NUMBER: Final = frozenset({"number", "integer"})
_STRING, _ARRAY, _OBJECT = (frozenset({name}) for name in ("string", "array", "object"))
_SHOWN: Final = 80

# Keywords that say something about values of some types only.
OF_TYPE: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBER
    ),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), _STRING),
    **dict.fromkeys(
        ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains"),
        _ARRAY,
    ),
    **dict.fromkeys(("maxContains", "unevaluatedItems", "additionalItems"), _ARRAY),
    **dict.fromkeys(
        ("properties", "additionalProperties", "patternProperties", "propertyNames", "required"),
        _OBJECT,
    ),
    **dict.fromkeys(
        ("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"), _OBJECT
    ),
    **dict.fromkeys(("unevaluatedProperties", "dependencies"), _OBJECT),
}
# Keywords that mean something only together.
GROUPS: Final = {
    **dict.fromkeys(("if", "then", "else"), ("if", "then", "else")),
    **dict.fromkeys(
        ("contains", "minContains", "maxContains"), ("contains", "minContains", "maxContains")
    ),
    "patternProperties": ("patternProperties", "properties", "additionalProperties"),
    "items": ("items", "prefixItems", "additionalItems"),
    # What they are about depends on everything beside them.
    "unevaluatedProperties": (
        *("unevaluatedProperties", "properties", "patternProperties", "additionalProperties"),
        *("allOf", "anyOf", "oneOf", "if", "then", "else", "$ref", "dependentSchemas", "not"),
    ),
    "unevaluatedItems": (
        *("unevaluatedItems", "items", "prefixItems", "contains"),
        *("allOf", "anyOf", "oneOf", "if", "then", "else", "$ref", "not"),
    ),
}

Rule = Callable[[list[Node], Node, frozenset[str]], str]


def types_of(given: Iterable[Node]) -> frozenset[str]:
    """Return the types that a value of all these can have."""
    found = _TYPES
    for node in given:
        said = node.keywords.get("type")
        if said is not None:
            named = frozenset([said] if isinstance(said, str) else said)
            found &= named | ({"integer"} if "number" in named else frozenset())
    return found


def member(given: Iterable[Node], name: str) -> list[Node]:
    """Return what is known of the member of that name."""
    found = []
    for node in given:
        keywords = node.keywords
        declared = keywords.get("properties") or {}
        if name in declared:
            found.append(node.at(declared[name]))
        elif "additionalProperties" in keywords and not keywords.get("patternProperties"):
            found.append(node.at(keywords["additionalProperties"]))
    return found


def others(given: Iterable[Node]) -> list[Node]:
    """Return what is known of members that nothing declares."""
    return [
        node.at(node.keywords["additionalProperties"])
        for node in given
        if "additionalProperties" in node.keywords and not node.keywords.get("patternProperties")
    ]


def names_of(given: Iterable[Node]) -> set[str]:
    """Return the names of all declared members."""
    return {name for node in given for name in node.keywords.get("properties") or {}}


def is_closed(given: Iterable[Node]) -> bool:
    """Tell whether members that nothing declares cannot be there."""
    return any(
        n.keywords.get("additionalProperties") is False and not n.keywords.get("patternProperties")
        for n in given
    )


def can_be_there(given: Iterable[Node], name: str) -> bool:
    """Tell whether a member of that name can be there at all."""
    return all(node.schema is not False for node in member(given, name))


def item(node: Node, place: int) -> Node | None:
    """Return what is known of the item at that place."""
    first = node.keywords.get("prefixItems") or []
    if place < len(first):
        return node.at(first[place])
    return node.at(node.keywords["items"]) if "items" in node.keywords else None


def are_apart(part: Node) -> bool:
    """Tell whether no value fits two of the alternatives, as far as their types and tags say."""
    try:
        options = [parts(part.at(option)) for option in part.keywords["oneOf"]]
    except (Unresolved, RecursionError):
        return False
    return all(
        _differ(one, other)
        for position, one in enumerate(options)
        for other in options[position + 1 :]
    )


def _differ(one: list[Node], other: list[Node]) -> bool:
    if not types_of(one) & types_of(other):
        return True
    if types_of(one) | types_of(other) != _OBJECT:
        return False
    tags, others_tags = _tags(one), _tags(other)
    return any(
        name in others_tags and not values & others_tags[name] for name, values in tags.items()
    )


def _tags(option: list[Node]) -> dict[str, set[str]]:
    required = {name for node in option for name in node.keywords.get("required") or ()}
    found: dict[str, set[str]] = {}
    for node in option:
        for name, schema in (node.keywords.get("properties") or {}).items():
            if name not in required or not isinstance(schema, dict):
                continue
            values = [schema["const"]] if "const" in schema else schema.get("enum")
            if isinstance(values, list) and all(isinstance(value, str) for value in values):
                found[name] = set(values)
    return found


def escaped(name: str) -> str:
    """Return the name as a step of a JSON pointer."""
    return step_of(name)[:_SHOWN]


def shown(value: Any) -> str:
    """Return a value as people read it."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _numbers(given: Iterable[Node], keyword: str) -> list[float]:
    values = [node.keywords.get(keyword) for node in given]
    return [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


def _type(given: list[Node], part: Node, types: frozenset[str]) -> str:
    wanted = types_of([part])
    lost = sorted((types - wanted) - ({"integer"} if "number" in types - wanted else set()))
    return f"{' and '.join(lost)} is not allowed any more" if lost else ""


def _at_least(keyword: str, open_keyword: str = "") -> Rule:
    def rule(given: list[Node], part: Node, _: frozenset[str]) -> str:
        wanted, is_open = part.keywords[keyword], keyword.startswith("exclusive")
        if isinstance(wanted, bool) or not isinstance(wanted, int | float):
            return f"`{keyword}` changed: cannot be proved"
        same = max(_numbers(given, keyword), default=-math.inf)
        other = max(_numbers(given, open_keyword), default=-math.inf) if open_keyword else -math.inf
        holds = same >= wanted or (other > wanted if is_open else other >= wanted)
        return "" if holds else f"`{keyword}` is {wanted} now"

    return rule


def _at_most(keyword: str, open_keyword: str = "") -> Rule:
    def rule(given: list[Node], part: Node, _: frozenset[str]) -> str:
        wanted, is_open = part.keywords[keyword], keyword.startswith("exclusive")
        if isinstance(wanted, bool) or not isinstance(wanted, int | float):
            return f"`{keyword}` changed: cannot be proved"
        same = min(_numbers(given, keyword), default=math.inf)
        other = min(_numbers(given, open_keyword), default=math.inf) if open_keyword else math.inf
        holds = same <= wanted or (other < wanted if is_open else other <= wanted)
        return "" if holds else f"`{keyword}` is {wanted} now"

    return rule


def _no_less(keyword: str) -> Rule:
    least = _at_least(keyword)

    def rule(given: list[Node], part: Node, types: frozenset[str]) -> str:
        return "" if part.keywords[keyword] == 0 else least(given, part, types)

    return rule


def _equal(keyword: str) -> Rule:
    def rule(given: list[Node], part: Node, _: frozenset[str]) -> str:
        wanted = part.keywords[keyword]
        if any(node.keywords.get(keyword) == wanted for node in given):
            return ""
        return f"`{keyword}` is {shown(wanted)} now"

    return rule


def _multiple(given: list[Node], part: Node, types: frozenset[str]) -> str:
    wanted = part.keywords["multipleOf"]
    known = [v for v in _numbers(given, "multipleOf") if isinstance(v, int)]
    if wanted == 1 and "number" not in types:
        return ""
    whole = isinstance(wanted, int) and wanted > 0
    if whole and any(value % wanted == 0 for value in known):
        return ""
    return _equal("multipleOf")(given, part, types)


def _unique(given: list[Node], part: Node, _: frozenset[str]) -> str:
    if part.keywords["uniqueItems"] is False:
        return ""
    has = any(n.keywords.get("uniqueItems") is True for n in given)
    short = min(_numbers(given, "maxItems"), default=math.inf) <= 1
    return "" if has or short else "items have to differ now"


def _required(given: list[Node], part: Node, _: frozenset[str]) -> str:
    known = {name for node in given for name in node.keywords.get("required") or ()}
    lost = [name for name in part.keywords["required"] if name not in known]
    return f"{', '.join(map(repr, lost))} is required now" if lost else ""


def _values(given: list[Node], part: Node, types: frozenset[str]) -> str:
    # Where the other side lists its values, each was looked at already.
    wanted = part.keywords.get("enum", [part.keywords.get("const")])
    if not types:
        return ""
    if types == {"boolean"} and isinstance(wanted, list) and _holds(wanted, (True, False)):
        return ""
    if types == {"null"} and isinstance(wanted, list) and _holds(wanted, (None,)):
        return ""
    return f"only {shown(wanted)} is allowed now"


def _holds(wanted: list[Any], values: tuple[Any, ...]) -> bool:
    return all(any(value is other for other in wanted) for value in values)


SIMPLE: Final[dict[str, Rule]] = {
    "type": _type,
    "enum": _values,
    "const": _values,
    "minimum": _at_least("minimum", "exclusiveMinimum"),
    "exclusiveMinimum": _at_least("exclusiveMinimum", "minimum"),
    "maximum": _at_most("maximum", "exclusiveMaximum"),
    "exclusiveMaximum": _at_most("exclusiveMaximum", "maximum"),
    "multipleOf": _multiple,
    **{key: _no_less(key) for key in ("minLength", "minItems", "minProperties")},
    **{key: _at_most(key) for key in ("maxLength", "maxItems", "maxProperties")},
    "pattern": _equal("pattern"),
    "format": _equal("format"),
    "uniqueItems": _unique,
    "required": _required,
}
