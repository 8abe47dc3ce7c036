"""What is read as JSON means one thing, and what is said to survive the API server does."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podbook_cluster.apiserver.terms import go_json
from podbook_crds.formats.json_text import compact
from podbook_crds.formats.strict_json import NotJson, parse, survives, text

TEXTS = st.text(st.characters(codec=None, categories=None), max_size=8)
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_survives_comes_back_from_the_api_server_as_it_was(value: Any) -> None:
    if survives(value):
        stored = go_json.encode(go_json.decode(json.dumps(value).encode()))

        assert repr(json.loads(stored)) == repr(value)


@given(VALUES)
def test_what_python_writes_is_read_back(value: Any) -> None:
    assert repr(parse(json.dumps(value))) == repr(value)


@pytest.mark.parametrize(
    "value", [1.0, -0.0, 2**63, -(2**63) - 1, 1e300, "\ud800", {"\udfff": 1}, [[1.0]]]
)
def test_what_would_change_does_not_survive(value: Any) -> None:
    assert not survives(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "'a' stands twice"),
        ('{"x": {"a": 1, "a": 1}}', "'a' stands twice"),
        ("NaN", "NaN"),
        ("[1e400]", "larger than a number"),
        ('{"x": [0, 1e400]}', "^/x/1: the number 1e400 is larger"),
        ('{"x": {"y": -Infinity}}', "^/x/y: -Infinity is not JSON"),
        ('{"x/": %s}' % ("9" * 5000), "^/x~1: a number has more than 4000 digits"),
        ("[" * 201 + "]" * 201, "200 levels"),
        ("9" * 5000, "4000 digits"),
        ("{'a': 1}", "line 1, column 2"),
        ("", "line 1, column 1"),
    ],
)
def test_what_means_nothing_or_two_things_is_refused(text: str, said: str) -> None:
    with pytest.raises(NotJson, match=said):
        parse(text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_other_encodings_than_the_one_of_json_are_refused(encoding: str) -> None:
    with pytest.raises(NotJson):
        parse('{"a": 1}'.encode(encoding))

    assert parse('{"a": "é"}'.encode("utf-8-sig")) == {"a": "é"}


def test_depth_and_digits_are_allowed_up_to_their_limits() -> None:
    deep = parse("[" * 200 + "]" * 200)

    assert deep != []
    assert math.log10(parse("9" * 4000)) == pytest.approx(4000)


def test_letters_of_every_script_take_their_own_bytes() -> None:
    value, written = {"名前": "Привет 🙂"}, '{"名前":"Привет 🙂"}'

    assert (text(value), compact(value)) == (written, written.encode())
