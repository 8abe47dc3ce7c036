"""No verdict `compatible` has a counter-example, over schemas and values made up by the machine."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podbook_catalog.compatibility.comparison import Comparison, Place
from podbook_catalog.compatibility.nodes import root_of
from podbook_catalog.compatibility.witness import values_of
from podbook_crds.call_rules.contracts import violations
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract

SMALL = st.integers(-3, 3)
COUNT = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array"])
SCALARS = st.one_of(SMALL, st.booleans(), st.none(), st.sampled_from(["", "a", "bb", "ccc"]))
VALUES = st.recursive(
    st.one_of(SCALARS, st.sampled_from([0.5, -1.5, 2.0])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    few = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=3, unique=True)),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": SCALARS,
            "minimum": SMALL,
            "maximum": SMALL,
            "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL,
            "multipleOf": st.integers(1, 4),
            "minLength": COUNT,
            "maxLength": COUNT,
            "minItems": COUNT,
            "maxItems": COUNT,
            "uniqueItems": st.booleans(),
            "items": inner,
            "prefixItems": few,
            "minProperties": COUNT,
            "maxProperties": COUNT,
            "required": st.lists(NAMES, max_size=2, unique=True),
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "patternProperties": st.dictionaries(st.just("^a"), inner, max_size=1),
            "additionalProperties": inner,
            "anyOf": few,
            "oneOf": few,
            "allOf": few,
            "not": inner,
        },
    )


DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
SCHEMAS = st.recursive(
    st.one_of(st.booleans(), keywords(st.booleans())), keywords, max_leaves=4
).map(lambda schema: {**DIALECT, **schema} if isinstance(schema, dict) else {**DIALECT})


def mutated(pair: tuple[Any, Any, str]) -> tuple[Any, Any]:
    """The second is mostly the first with one keyword changed: what people do to a contract."""
    old, other, keyword = pair
    new = dict(old)
    if keyword in other:
        new[keyword] = other[keyword]
    else:
        new.pop(keyword, None)
    return old, new


KEYS = st.sampled_from(
    [
        *("type", "enum", "minimum", "maximum", "maxLength", "items", "required", "properties"),
        *("additionalProperties", "const", "oneOf", "prefixItems", "exclusiveMinimum", "allOf"),
        "anyOf",
    ]
)
PAIRS = st.one_of(st.tuples(SCHEMAS, SCHEMAS), st.tuples(SCHEMAS, SCHEMAS, KEYS).map(mutated))


def fits(value: Any, schema: Any) -> bool:
    return not violations(value, schema, models={}, root="", formats=True)


@settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(PAIRS, st.lists(VALUES, max_size=8))
def test_what_is_proved_has_no_counter_example(pair: tuple[Any, Any], values: list[Any]) -> None:
    old, new = pair
    narrow, wide = Contract(old, {}), Contract(new, {})
    if Comparison().findings([root_of(narrow)], root_of(wide), Place("")):
        return
    made = values_of(root_of(narrow))
    for value in [*values, *(value for value, _ in zip(made, range(60), strict=False))]:
        try:
            is_refused = fits(value, old) and not fits(value, new)
        except InvalidContract:
            continue  # A draft that nobody can check by.
        assert not is_refused, (value, old, new)
