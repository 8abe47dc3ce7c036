"""Every contract is a form with fields, and what goes in comes out as it was."""

import json
from typing import Any

import pytest
from playwright.sync_api import Route

from tests.support.contracts_for_forms import SHAPES, contract
from tests.support.pages import Viewer

FIELDS = ":is(input:not([type=hidden]), select, textarea)"


def opened(viewer: Viewer, schema: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Open a notebook with that contract; before are the parameters of the run that is repeated."""
    listed = viewer.site.api.http.get("/v1/notebooks/sales", headers=viewer.site.headers()).json()
    listed |= {"input": schema, "resolved": {"input": schema, "output": None}}
    viewer.page.route("**/v1/notebooks/sales", lambda route: route.fulfill(json=listed))
    if before is not None:
        rerun = {"id": "before", "parameters": before}
        viewer.page.route("**/v1/executions/before", lambda route: route.fulfill(json=rerun))
    viewer.open("/notebooks/sales" + ("?from=before" if before is not None else ""))
    viewer.page.get_by_role("button", name="Run", exact=True).wait_for()


def sent(viewer: Viewer, *, press: bool = True) -> dict[str, Any]:
    """Press Run; return the parameters that were sent."""
    bodies: list[Any] = []

    def refuse(route: Route) -> None:
        bodies.append(route.request.post_data_json)
        problem = {"type": "x", "title": "Not here", "status": 409}
        route.fulfill(status=409, body=json.dumps(problem), content_type="application/problem+json")

    viewer.page.route("**/v1/notebooks/sales/executions*", refuse)
    viewer.page.route("**/v1/executions/before/rerun*", refuse)
    if press:
        viewer.page.get_by_role("button", name="Run", exact=True).click()
    viewer.page.get_by_text("Not here").wait_for()
    found: dict[str, Any] = bodies[0]["parameters"]
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_what_goes_into_a_form_comes_out_as_it_was_and_every_field_has_a_name(
    viewer: Viewer, name: str
) -> None:
    _, value, count = SHAPES[name]

    opened(viewer, contract(name), {name: value})

    fields = viewer.page.locator(f"form#parameters {FIELDS}")
    assert fields.count() >= count
    assert viewer.violations() == []
    if name == "secret":  # A secret is asked for again.
        assert fields.first.input_value() == ""
        fields.first.fill(value)
    parameters = sent(viewer)
    assert parameters == {name: value}
    assert json.dumps(parameters[name]) == json.dumps(value)
    # The library's own note about the server's answer, which is the test's.
    assert [c for c in viewer.complaints if "409" not in c] == []


def test_what_is_left_empty_is_not_sent(viewer: Viewer) -> None:
    schema = contract("text")
    schema["properties"] |= {
        "maybe": {"type": "string"},
        "model": {"$ref": "#/$defs/Person"},
        "many": {"type": "array", "items": {"type": "string"}},
        "flag": {"type": "boolean"},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 5},
    }
    opened(viewer, schema, None)

    viewer.page.get_by_label("text").fill("given")
    viewer.page.get_by_label("limit").fill("")

    # Somebody who empties a limit of five wants none.
    assert sent(viewer) == {"text": "given", "limit": None}


def test_json_that_is_none_is_said_beside_its_field_and_not_sent(viewer: Viewer) -> None:
    opened(viewer, contract("anything"), None)

    viewer.page.get_by_label("anything").fill("{oops")
    viewer.page.get_by_role("button", name="Run", exact=True).click()

    summary = viewer.page.get_by_role("alert")
    summary.get_by_text("This is not JSON").wait_for()
    assert [r for r in viewer.asked if r.method == "POST"] == []
    summary.get_by_role("link", name="anything").click()
    assert viewer.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
