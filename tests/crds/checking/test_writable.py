"""Names and values that a kernel's language cannot hold are told before anything runs."""

from typing import Any

import pytest

from podbook_crds.call_rules import defaults
from podbook_crds.call_rules.languages import KNOWN
from podbook_crds.call_rules.parameters import misnamed

LONG, DOUBLE = 2**63, 2**53 + 1

# By language: what it cannot hold, and where that is told.
REFUSED: dict[str, list[tuple[dict[str, Any], str]]] = {
    "r": [
        ({"x": DOUBLE}, "/x"),
        ({"_x": 1}, "/_x"),
        ({"TRUE": 1}, "/TRUE"),
        ({"x": {"": 1}}, "/x/"),
    ],
    "bash": [
        ({"x": {"a": 1}}, "/x"),
        ({"x": [1]}, "/x"),
        ({"UID": 1}, "/UID"),
        ({"x": "\0"}, "/x"),
    ],
    "julia": [({"function": 1}, "/function")],
    "scala": [({"x": LONG}, "/x"), ({"object": 1}, "/object"), ({"x": {"a": [LONG]}}, "/x/a/0")],
    "c#": [
        ({"x": None}, "/x"),
        ({"x": LONG}, "/x"),
        ({"x": []}, "/x"),
        ({"x": [1, "a"]}, "/x"),
        ({"x": [[1], ["a"]]}, "/x"),
        ({"x": {"a": None}}, "/x/a"),
        ({"namespace": 1}, "/namespace"),
    ],
    "f#": [
        ({"x": [1, 1.5]}, "/x"),
        ({"x": [1, "a"]}, "/x"),
        ({"x": LONG}, "/x"),
        ({"let": 1}, "/let"),
    ],
    "matlab": [
        ({"x": DOUBLE}, "/x"),
        ({"_x": 1}, "/_x"),
        ({"end": 1}, "/end"),
        ({"x": {"é": 1}}, "/x/é"),
        ({"x": "\ud800"}, "/x"),
    ],
    "powershell": [({"x": 2**100}, "/x"), ({"null": 1}, "/null"), ({"x": ["\ud800"]}, "/x/0")],
}
SAME = {"csharp": "c#", "fsharp": "f#", "pwsh": "powershell"}
ORDINARY: dict[str, Any] = {
    **{"x": 1, "y": 2.5, "z": "é\n", "flag": True},
    **{"many": [1, 2, 3], "texts": ["a", "b"], "pair": {"a": 1, "b": "c"}},
}


def test_each_language_that_takes_parameters_has_its_rows() -> None:
    assert {SAME.get(language, language) for language in KNOWN} == {"python", *REFUSED}


@pytest.mark.parametrize("language", sorted({*REFUSED, *SAME}))
def test_what_a_language_cannot_hold_is_refused_by_its_place(language: str) -> None:
    for parameters, place in REFUSED[SAME.get(language, language)]:
        found = misnamed(parameters, language)

        assert [violation.pointer for violation in found] == [f"/parameters{place}"], parameters
        assert len(found[0].message) > 20
    assert misnamed(ORDINARY, language) == [] or language == "bash"


@pytest.mark.parametrize("language", sorted(REFUSED))
def test_a_default_that_a_language_cannot_hold_is_told_where_no_value_is_given(
    language: str,
) -> None:
    for parameters, place in REFUSED[language]:
        schema: dict[str, Any] = {"properties": {n: {"default": v} for n, v in parameters.items()}}

        (found,) = defaults.unusable({}, schema, language)

        assert found.pointer == f"/parameters{place}"
        assert found.message.startswith("the contract's default: ")
        assert defaults.unusable(parameters, schema, language) == []
    moment: dict[str, Any] = {"properties": {"day": {"default": {"$now": "date"}}}}
    assert defaults.unusable({}, moment, language) == []


def test_a_default_by_a_name_that_no_variable_has_is_told() -> None:
    (found,) = defaults.unusable({}, {"properties": {"a-b": {"default": 1}}}, "python")

    assert found.pointer == "/parameters/a-b"
