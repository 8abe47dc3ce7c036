"""What holds for an execution: defaults, overrides, pinned versions, and what can never start."""

import json
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.content import Content
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.notebook import Notebook
from podbook_operator.reconcile.notebook_status import observed
from podbook_operator.rules.effective_spec import Terms, terms
from tests.support.views import NOW, a_notebook, an_execution

INTEGER = {"properties": {"n": {"type": "integer"}}}


def found(entry: Notebook | None = None, /, **fields: Any) -> Terms:
    return terms(an_execution(**fields), entry or a_notebook(), {})


def digest(notebook: Notebook) -> str:
    return Content.of(notebook.id, notebook.spec).digest


def test_an_execution_says_otherwise_or_the_notebooks_defaults_hold() -> None:
    notebook = a_notebook(defaults={"deadlineSeconds": 10, "retryLimit": 5, "idempotent": True})
    holds = found(notebook, deadlineSeconds=7, idempotent=False)

    assert (holds.deadline_seconds, holds.retry_limit, holds.idempotent) == (7, 5, False)


def test_an_edit_does_not_reach_a_run_that_was_accepted_before() -> None:
    before = a_notebook(runtime={"image": "old"}, defaults={"deadlineSeconds": 5})
    status = observed(before, [before], pinned=set(), now=NOW)
    edited = a_notebook(runtime={"image": "new"}).model_copy(update={"status": status})
    status = observed(edited, [edited], pinned=set(), now=NOW)
    after = edited.model_copy(update={"status": status})
    pinned = {"notebook": {"name": "report", "digest": digest(before)}}

    assert found(after, **pinned).runtime.image == "old"
    assert found(after, **pinned).deadline_seconds == 5
    assert found(after).runtime.image == "new"
    assert found(after).digest == digest(after)


def test_a_run_of_an_edited_notebook_need_not_wait_for_its_status() -> None:
    before = a_notebook(runtime={"image": "old"})
    status = observed(before, [before], pinned=set(), now=NOW)
    edited = a_notebook(runtime={"image": "new"}).model_copy(
        update={"status": status, "generation": 2}
    )
    pinned = {"notebook": {"name": "report", "digest": digest(edited)}}

    assert found(edited, **pinned).problem is None
    assert found(edited, **pinned).runtime.image == "new"
    assert found(edited).digest == digest(edited)


@pytest.mark.parametrize(
    "runtime",
    [
        {"env": [{"name": "STAGE", "value": "x"}]},
        {"kernel": "ir"},
        {"resources": {"limits": {"memory": "1Gi"}}},
    ],
)
def test_what_the_notebook_does_not_allow_is_refused_before_there_is_a_pod(runtime: Any) -> None:
    problem = found(runtime=runtime).problem

    assert problem is not None
    assert problem.reason is Reason.INVALID_RUNTIME
    assert "overrides." in problem.message


def test_what_was_allowed_when_it_was_accepted_holds_for_it() -> None:
    before = a_notebook(overrides={"env": ["STAGE"]})
    status = observed(before, [before], pinned=set(), now=NOW)
    stricter = a_notebook().model_copy(update={"status": status})
    status = observed(stricter, [stricter], pinned=set(), now=NOW)
    after = stricter.model_copy(update={"status": status})
    runtime = {"env": [{"name": "STAGE", "value": "x"}]}

    accepted = found(after, notebook={"name": "report", "digest": digest(before)}, runtime=runtime)
    later = found(after, notebook={"name": "report", "digest": digest(after)}, runtime=runtime)

    assert accepted.problem is None
    assert later.problem is not None


def test_allowing_something_is_another_version_and_allowing_nothing_is_none() -> None:
    record = Content.of("report", a_notebook().spec).to_wire()

    assert "overrides" not in record
    assert digest(a_notebook()) != digest(a_notebook(overrides={"env": ["STAGE"]}))


def test_a_pinned_run_of_which_no_version_was_kept_says_so() -> None:
    pinned = an_execution(notebook={"name": "report", "digest": f"sha256:{'0' * 64}"})
    problem = terms(pinned, None, {}).problem

    assert problem is not None
    assert problem.reason is Reason.NOTEBOOK_CHANGED


@pytest.mark.parametrize(
    ("parameters", "annotations", "is_refused"),
    [
        pytest.param({"n": "x"}, {}, True, id="of another type"),
        pytest.param({"m": 1}, {}, True, id="not declared"),
        *(
            pytest.param({"m": 1}, {names.SURFACE_ANNOTATION: s.value}, s.is_strict, id=s.value)
            for s in Surface
        ),
        pytest.param({"m": 1}, {names.SURFACE_ANNOTATION: "unheard of"}, True, id="no surface"),
        pytest.param({"n": 1}, {}, False, id="fits"),
    ],
)
def test_parameters_of_kubectl_are_checked_as_the_api_checks_its_own(
    parameters: dict[str, Any], annotations: dict[str, str], is_refused: bool
) -> None:
    notebook = a_notebook(input=INTEGER)
    problem = found(notebook, parameters=parameters, annotations=annotations).problem

    assert (problem is not None) == is_refused
    if problem is not None:
        assert problem.reason is Reason.INVALID_PARAMETERS
        assert "contract of notebook 'report'" in problem.message


def test_a_contract_that_was_only_inferred_refuses_nothing() -> None:
    assert found(a_notebook(input=INTEGER, inferred=True), parameters={"n": "x"}).problem is None


def test_parameters_that_travel_as_text_are_checked_too() -> None:
    notebook = a_notebook(input=INTEGER)

    assert found(notebook, parametersText='{"n": 1}').problem is None
    assert found(notebook, parametersText='{"n": 1.5}').problem is not None
    assert found(notebook, parametersText="[]").problem is not None
    for text in (
        '{"n": 1, "n": 2}',
        '{"n": 1, "x": NaN}',
        '{"n": 1, "x": ' + "[" * 500,
        "{'n': 1}",
    ):
        problem = found(notebook, parametersText=text).problem
        assert problem is not None, text
        assert "/parametersText: is not the JSON text of an object: " in problem.message


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}}, "r"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({}, "python"),
    ],
)
def test_an_inline_notebook_says_its_language_itself(
    metadata: dict[str, Any], language: str
) -> None:
    text = json.dumps({"metadata": metadata, "cells": []})

    holds = terms(an_execution(notebook={"ipynb": text}), None, {})
    assert (holds.runtime.language, holds.problem) == (language, None)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"metadata": 3}'])
def test_what_is_no_notebook_is_left_to_the_runner_to_say(text: str) -> None:
    assert terms(an_execution(notebook={"ipynb": text}), None, {}).problem is None


def test_the_language_of_a_blob_was_written_down_by_the_api() -> None:
    execution = an_execution(
        notebook={"blob": f"sha256:{'0' * 64}"}, annotations={names.LANGUAGE_ANNOTATION: "bash"}
    )

    assert terms(execution, None, {}).runtime.language == "bash"


CLAIM = {"persistentVolumeClaim": {"claimName": "data"}}


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        pytest.param(
            {"name": "host", "mountPath": "/host", "hostPath": {"path": "/"}},
            "volume 'host' has hostPath; allowed are persistentVolumeClaim, configMap, secret",
            id="a kind that is not allowed",
        ),
        pytest.param(
            {"name": "two", "mountPath": "/two", **CLAIM, "secret": {"secretName": "s"}},
            "volume 'two' must have exactly one of persistentVolumeClaim, configMap, secret",
            id="two kinds",
        ),
        pytest.param(
            {"name": "none", "mountPath": "/none", "configMap": None},
            "volume 'none' must have exactly one of",
            id="a kind without a value",
        ),
        pytest.param(
            {"name": "part", "mountPath": "/part", "subPath": "a", **CLAIM},
            "volume 'part' has subPath",
            id="a field that would be lost",
        ),
        pytest.param(CLAIM, "volume None lacks name and mountPath", id="no name and no place"),
    ],
)
def test_a_volume_that_would_not_be_what_was_asked_for_is_refused_before_there_is_a_pod(
    volume: dict[str, Any], said: str
) -> None:
    fine = {"name": "fine", "mountPath": "/fine", "readOnly": True, **CLAIM}
    notebook = a_notebook(runtime={"volumes": [fine, volume]})
    problem = found(notebook).problem
    (ready,) = observed(notebook, [notebook], pinned=set(), now=NOW).conditions

    assert problem is not None
    assert problem.reason is Reason.INVALID_RUNTIME
    assert said in problem.message
    assert (ready.status, ready.reason, ready.message) == (
        "False",
        "InvalidRuntime",
        problem.message,
    )
    assert found(a_notebook(runtime={"volumes": [fine]})).problem is None
