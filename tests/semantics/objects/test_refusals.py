"""What can't be done is said as a Status with the right code."""

import pytest

from rig.kube_client import Kube, unique
from rig.widgets import GROUP, a_widget


def test_an_unknown_object_is_not_found(kube: Kube, widgets: str) -> None:
    answer = kube.get(f"{widgets}/nothing")

    assert (answer.status, answer.body["kind"], answer.body["code"]) == (404, "Status", 404)
    assert answer.body["status"] == "Failure"
    assert answer.body["details"] == {"name": "nothing", "group": GROUP, "kind": "widgets"}


def test_no_token_is_unauthorized(kube: Kube) -> None:
    with kube.as_user("nonsense") as user:
        answer = user.get("/api/v1/pods")

    assert (answer.status, answer.body["reason"]) == (401, "Unauthorized")


def test_a_body_that_is_not_json_is_a_bad_request(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, b"{")

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


def test_an_unknown_content_type_is_unsupported(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, b"{}", content_type="text/plain")

    assert (answer.status, answer.body["reason"]) == (415, "UnsupportedMediaType")


def test_an_unknown_accept_is_not_acceptable(kube: Kube, widgets: str) -> None:
    answer = kube.request("GET", widgets, headers={"Accept": "text/html"})

    assert (answer.status, answer.body["reason"]) == (406, "NotAcceptable")


def test_a_body_of_more_than_three_mebibytes_is_too_large(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, b'"' + b"x" * (3 * 2**20) + b'"')

    assert (answer.status, answer.body["reason"]) == (413, "RequestEntityTooLarge")
    assert "limit is 3145728" in answer.body["message"]


def test_an_object_that_the_store_does_not_take_is_refused(kube: Kube, widgets: str) -> None:
    name = unique("w")
    big = {f"p{number}": "x" * 100_000 for number in range(20)}

    answer = kube.request("POST", widgets, a_widget(name, parameters=big))

    assert answer.status in (413, 500), answer
    assert kube.get(f"{widgets}/{name}").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/api"), ("PUT", "/api/v1/namespaces"), ("POST", "/version")],
)
def test_a_method_that_is_not_there_is_refused(kube: Kube, method: str, path: str) -> None:
    answer = kube.request(method, path, {} if method != "DELETE" else None)

    assert answer.status == 405, answer
    assert answer.body["reason"] == "MethodNotAllowed"


def test_an_unknown_option_value_is_refused(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.delete(f"{widgets}/{created.name}", {"propagationPolicy": "Sideways"})

    assert answer.status in (400, 422)


def test_a_watch_whose_length_is_no_number_is_refused(kube: Kube, widgets: str) -> None:
    answer = kube.get(widgets, watch="true", timeoutSeconds="long")

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
