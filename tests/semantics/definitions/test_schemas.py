"""Custom resources: what is validated, defaulted, pruned, and how values come out."""

from typing import Any

import pytest

from rig.kube_client import Kube, unique
from rig.widgets import a_widget


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        pytest.param({"size": 0}, "spec.size", id="below the minimum"),
        pytest.param({"size": 101}, "spec.size", id="above the maximum"),
        pytest.param({"size": "2"}, "spec.size", id="another type"),
        pytest.param({"size": 2.5}, "spec.size", id="no integer"),
        pytest.param({"size": True}, "spec.size", id="a boolean is no number"),
        pytest.param({"colour": "x" * 33}, "spec.colour", id="too long"),
        pytest.param({"tags": ["a"] * 2}, "spec.tags[1]", id="twice in a set"),
        pytest.param({"tags": list("abcdefghi")}, "spec.tags", id="too many"),
        pytest.param({"labels": {"a": 1}}, "spec.labels.a", id="an additional property's type"),
        pytest.param({"port": True}, "spec.port", id="neither integer nor string"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(
    kube: Kube, widgets: str, spec: dict[str, Any], field: str
) -> None:
    answer = kube.request("POST", widgets, a_widget(unique("w"), **spec))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert field in [cause["field"] for cause in answer.body["details"]["causes"]]
    assert field in answer.body["message"]


def test_a_required_field_is_required(kube: Kube, widgets: str) -> None:
    body = a_widget(unique("w"))
    del body["spec"]["size"]

    answer = kube.request("POST", widgets, body)

    cause = {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.size"}
    assert cause in answer.body["details"]["causes"]


def test_every_error_is_listed(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, a_widget(unique("w"), size=0, colour="x" * 33))

    causes = answer.body["details"]["causes"]
    assert {"spec.size", "spec.colour"} <= {cause["field"] for cause in causes}
    assert "some validation rules were not checked" in answer.body["message"]


def test_an_enum_names_what_it_allows(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}/status", {"status": {"phase": "Lost"}})

    assert answer.status == 422
    assert 'supported values: "Queued", "Running", "Done"' in answer.body["message"]


def test_a_list_that_is_a_map_has_each_key_once(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    twice = [{"type": "Ready", "status": "True"}, {"type": "Ready", "status": "False"}]

    answer = kube.patch(f"{widgets}/{created.name}/status", {"status": {"conditions": twice}})

    assert answer.status == 422
    assert "Duplicate value" in answer.body["message"]


def test_a_format_is_checked(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}/status"

    wrong = kube.patch(path, {"status": {"finishedAt": "yesterday"}})
    right = kube.patch(path, {"status": {"finishedAt": "2026-01-02T03:04:05.123456Z"}})

    assert (wrong.status, right.status) == (422, 200)


def test_defaults_are_filled_in(kube: Kube, widgets: str) -> None:
    assert kube.create(widgets, a_widget(unique("w"))).body["spec"]["colour"] == "red"


def test_a_null_takes_the_default(kube: Kube, widgets: str) -> None:
    assert kube.create(widgets, a_widget(unique("w"), colour=None)).body["spec"]["colour"] == "red"


def test_unknown_fields_are_pruned_with_a_warning(kube: Kube, widgets: str) -> None:
    answer = kube.create(widgets, a_widget(unique("w"), nonsense=1))

    assert "nonsense" not in answer.body["spec"]
    assert answer.headers["Warning"] == '299 - "unknown field \\"spec.nonsense\\""'


def test_unknown_fields_are_refused_when_asked_to_be_strict(kube: Kube, widgets: str) -> None:
    answer = kube.request(
        "POST", widgets, a_widget(unique("w"), nonsense=1), fieldValidation="Strict"
    )

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
    assert 'unknown field "spec.nonsense"' in answer.body["message"]


def test_what_is_preserved_keeps_unknown_fields_and_nulls(kube: Kube, widgets: str) -> None:
    parameters = {"deep": {"list": [{"x": None}], "null": None}}

    created = kube.create(widgets, a_widget(unique("w"), parameters=parameters))

    assert created.body["spec"]["parameters"] == parameters


@pytest.mark.parametrize("port", [80, "http"])
def test_an_integer_or_a_string_is_either(kube: Kube, widgets: str, port: int | str) -> None:
    assert kube.create(widgets, a_widget(unique("w"), port=port)).body["spec"]["port"] == port


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        pytest.param("1.0", "1", id="a float without a fraction is an integer"),
        pytest.param("-0.0", "0", id="minus zero is zero"),
        pytest.param("1e3", "1000", id="an exponent is written out"),
        pytest.param("0.1", "0.1", id="a fraction stays"),
        pytest.param("9223372036854775807", "9223372036854775807", id="the largest int64"),
        pytest.param("1e20", "100000000000000000000", id="no exponent below 1e21"),
        pytest.param("18446744073709551615", "18446744073709552000", id="beyond int64"),
        pytest.param("0.000001", "0.000001", id="no exponent from 1e-6"),
        pytest.param("1.5e-7", "1.5e-7", id="a short exponent"),
        pytest.param("1180591620717411303424", "1.1805916207174113e+21", id="2**70 is a float"),
        pytest.param('"\\ud800"', '"\ufffd"', id="a lone surrogate is replaced"),
        pytest.param('"caf\\u00e9 \\ud83d\\ude00"', '"café \U0001f600"', id="text stays"),
    ],
)
def test_values_come_out_as_go_holds_them(kube: Kube, widgets: str, sent: str, text: str) -> None:
    name = unique("w")
    body = (
        f'{{"apiVersion":"test.podbook.dev/v1","kind":"Widget","metadata":{{"name":"{name}"}},'
        f'"spec":{{"size":2,"parameters":{{"value":{sent}}}}}}}'
    )
    kube.create(widgets, body.encode())

    raw = kube.raw("GET", f"{widgets}/{name}")

    assert f'"value":{text}}}' in raw


def test_a_number_may_be_an_integer(kube: Kube, widgets: str) -> None:
    assert kube.create(widgets, a_widget(unique("w"), ratio=3.0)).body["spec"]["ratio"] == 3


def test_nan_is_not_json(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, b'{"spec": {"size": NaN}}')

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
