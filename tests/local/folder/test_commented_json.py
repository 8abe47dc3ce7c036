import pytest

from podbook_catalog.settings.commented_json import MalformedJson, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('// first\n{"a": 1} // last', {"a": 1}, id="line comments"),
        pytest.param('{"a": /* what\nfor */ 1}', {"a": 1}, id="a comment over two lines"),
        pytest.param('{"a": "http://x/*y*/"}', {"a": "http://x/*y*/"}, id="slashes in a text"),
        pytest.param(r'{"a": "\"// no comment"}', {"a": '"// no comment'}, id="an escaped quote"),
        pytest.param('\ufeff{"a": 1}', {"a": 1}, id="a byte order mark"),
        pytest.param("[1, 2.5, null]", [1, 2.5, None], id="plain JSON"),
    ],
)
def test_comments_are_left_out(text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{\n  "a": 1,\n}', "line 3, column 1: a comma before the closing", id="comma"),
        pytest.param("{'a': 1}", "line 1, column 2: a text in single quotes", id="quotes"),
        pytest.param('// one\n/* two\n*/ {"a" 1}', "line 3, column 9", id="place after comments"),
        pytest.param('{"a": 1, "a": 2}', "'a' stands twice", id="a key twice"),
        pytest.param('{"a": NaN}', "NaN is no JSON", id="NaN"),
        pytest.param("[" * 100_000, "nested too deeply", id="nested beyond reason"),
        pytest.param("", "line 1, column 1", id="an empty file"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, says: str) -> None:
    with pytest.raises(MalformedJson) as told:
        parse(text)

    assert says in str(told.value)
