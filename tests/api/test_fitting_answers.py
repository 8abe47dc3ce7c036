"""Which execution answers which call: the rules, without a cluster."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from podbook_api.http.problems import Problem
from podbook_api.submit.again import answer_key, freshness
from podbook_api.submit.again.fitness import Use, Wanted, use_of
from podbook_api.submit.again.reuse import Served
from podbook_api.submit.calls import Request
from podbook_api.submit.webhooks import WebhookRequest
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import OutputValidation
from podbook_crds.resources.serving.answers import Cache
from tests.support.answers import (
    CACHE,
    CALL,
    DIGEST,
    ENDED,
    NOW,
    SCHEMA,
    SHARED,
    SPEC,
    other,
    resource,
)


def ran(spec: dict[str, Any] | None = None, *, ago: float = 10, **fields: Any) -> Execution:
    """Return an execution that ended so many seconds ago."""
    at = {"finishedAt": micro_time(NOW - timedelta(seconds=ago))}
    return Execution.from_resource(resource(spec, **{**ENDED, **at, **fields}))


def going(spec: dict[str, Any] | None = None, **fields: Any) -> Execution:
    return Execution.from_resource(resource(spec, **fields))


def wanted(spec: dict[str, Any] = SPEC, cache: Cache = CACHE, **fields: Any) -> Wanted:
    draft = Execution.model_validate({"namespace": "", "name": "", "uid": "", "spec": spec})
    return Wanted(draft, SCHEMA, fields.pop("caller", "ada"), cache, **fields)


FAILED: dict[str, Any] = {"phase": "Failed", "reason": "NotebookRaised"}
LOST: list[Any] = [{"type": "ArtifactsLost", "status": "True", "reason": "x"}]
CASES = [
    ("one that goes on", going(), wanted(), Use.MET),
    ("one that waits", going(phase="Queued"), wanted(), Use.MET),
    ("one that ended well", ran(), wanted(), Use.HIT),
    ("one as old as may be", ran(ago=600), wanted(), Use.HIT),
    ("one that is older", ran(ago=601), wanted(), Use.MISS),
    ("older than the call takes", ran(ago=20), wanted(max_age=10), Use.MISS),
    ("as old as the call takes", ran(ago=10), wanted(max_age=10), Use.HIT),
    ("a call that takes more than the notebook", ran(ago=601), wanted(max_age=9000), Use.MISS),
    ("a call that takes no age", ran(ago=0), wanted(max_age=0), Use.MISS),
    ("that call meets one that goes on", going(), wanted(max_age=0), Use.MET),
    ("no age at all", ran(ago=0), wanted(cache=Cache(max_age_seconds=0)), Use.MISS),
    ("an end far ahead of this clock", ran(ago=-4000), wanted(), Use.MISS),
    ("cells that raised", ran(**FAILED, ago=30), wanted(), Use.HIT),
    ("by a failure's own age", ran(**FAILED, ago=31), wanted(), Use.MISS),
    ("which is none unless said", ran(**FAILED, ago=0), wanted(cache=Cache()), Use.MISS),
    ("an output that did not fit", ran(phase="Failed", reason="OutputInvalid"), wanted(), Use.HIT),
    ("a kernel that died", ran(phase="Failed", reason="KernelDied"), wanted(), Use.MISS),
    ("a fault of the cluster", ran(phase="Failed", reason="PodLost"), wanted(), Use.MISS),
    ("one of ours", ran(phase="Failed", reason="InternalError"), wanted(), Use.MISS),
    ("a cancelled one", ran(phase="Cancelled", reason="Cancelled"), wanted(), Use.MISS),
    ("one that is being cancelled", going(other(cancel=True)), wanted(), Use.MISS),
    ("one that is being deleted", going(metadata={"deletionTimestamp": "x"}), wanted(), Use.MISS),
    ("lost artifacts", ran(conditions=LOST), wanted(), Use.MISS),
    ("a default spelled out", ran(other(parameters={})), wanted(), Use.HIT),
    ("kept as text", ran(other(parameters={}, parametersText='{"n": 1}')), wanted(), Use.HIT),
    ("text that is none", ran(other(parameters={}, parametersText="{")), wanted(), Use.MISS),
    ("1.0 is not 1", ran(other(parameters={}, parametersText='{"n": 1.0}')), wanted(), Use.MISS),
    ("other parameters", ran(other(parameters={"n": 2})), wanted(), Use.MISS),
    ("another notebook", ran(other(notebook={"name": "x", "digest": DIGEST})), wanted(), Use.MISS),
    ("another version", ran(other(notebook={"name": "sums"})), wanted(), Use.MISS),
    ("another deadline", ran(other(deadlineSeconds=1)), wanted(), Use.MISS),
    ("checked otherwise", ran(other(outputValidation="off")), wanted(), Use.MISS),
    ("an environment", ran(other(runtime={"env": [{"name": "A"}]})), wanted(), Use.MISS),
    ("one that is kept", ran(other(keep=True)), wanted(), Use.HIT),
    ("warnings asked for otherwise", ran(other(inputValidation="off")), wanted(), Use.HIT),
    ("another caller's", ran(by="bob"), wanted(), Use.MISS),
    ("nobody's, by kubectl", ran(by=None), wanted(), Use.MISS),
    ("another's, shared", ran(by="bob"), wanted(cache=SHARED), Use.HIT),
    ("kubectl's, shared", ran(by=None), wanted(cache=SHARED), Use.MISS),
]


@pytest.mark.parametrize(
    ("found", "asked", "use"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_there_answers_a_call_or_does_not(
    found: Execution, asked: Wanted, use: Use
) -> None:
    assert use_of(found, asked, NOW) is use


def key_of(spec: dict[str, Any], image: str = "a", caller: str | None = None) -> str:
    return answer_key.key(answer_key.terms(wanted(spec).draft, SCHEMA), image=image, caller=caller)


def test_a_key_is_the_same_for_the_same_and_for_nothing_else() -> None:
    keys = [
        key_of(SPEC),
        key_of(SPEC, image="b"),
        key_of(SPEC, caller="ada"),
        key_of(other(parameters={"n": 2})),
        key_of(other(parameters={}, parametersText='{"n": 1.0}')),
        key_of(other(runtime={"kernel": "r"})),
        key_of(other(notebook={"name": "sums", "digest": "sha256:" + "b" * 64})),
    ]

    assert len(set(keys)) == len(keys)
    assert key_of(other(parameters={})) == key_of(other(keep=True)) == keys[0]
    # Written into labels and names that other releases read: no change of code may move them.
    assert keys[0] == "3472af9c19808f698c7e035c3c210625d7e6bca4"
    assert answer_key.next_name(keys[0], None) == "e1ad8f65-973b-583a-89b9-0108bc74efa4"
    assert answer_key.next_name(keys[0], going(name="x")) != answer_key.next_name(keys[0], None)


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("", (False, None)),
        ("no-cache", (True, None)),
        ("No-Store, max-age=5", (True, 5)),
        ('max-age="60"', (False, 60)),
        ("max-age=" + "9" * 5000, (False, 10**10)),
        ("max-age=-1", (False, 0)),
        ("max-age=٣", (False, 0)),
        ("max-age", (False, 0)),
        ("private, stale-while-revalidate=1", (False, None)),
    ],
)
def test_cache_control_is_read_as_rfc_9111_has_it(
    header: str, read: tuple[bool, int | None]
) -> None:
    assert freshness.read(header) == read


def test_a_call_that_wants_no_run_is_told_that_there_would_be_one() -> None:
    with pytest.raises(Problem, match="only-if-cached"):
        freshness.read("max-age=3, only-if-cached")


OPTIONS: list[tuple[dict[str, Any], bool]] = [
    ({"runtime": {"env": [{"name": "A", "value": "1"}]}}, False),
    ({"runtime": {"resources": {"limits": {"cpu": "1"}}}}, False),
    ({"runtime": {"kernel": "r"}}, False),
    ({"outputValidation": "report"}, False),
    ({"outputValidation": "enforce"}, True),
    ({"deadlineSeconds": 5}, True),
]
HOOK = WebhookRequest(url="https://x.org", secret="whsec_" + "YWFh" * 8)


@pytest.mark.parametrize(
    ("call", "taken"),
    [
        pytest.param(CALL, True, id="a plain one"),
        pytest.param(replace(CALL, webhook=HOOK), False, id="one with a webhook"),
        pytest.param(replace(CALL, surface=Surface.JUPYREST_GRPC), False, id="gRPC, which deletes"),
        *(
            pytest.param(replace(CALL, options=options), taken, id=str(options))
            for options, taken in OPTIONS
        ),
    ],
)
def test_a_call_that_wants_something_of_its_own_goes_past(call: Request, taken: bool) -> None:
    assert Served(CACHE, SCHEMA, OutputValidation.ENFORCE).takes(call) is taken
