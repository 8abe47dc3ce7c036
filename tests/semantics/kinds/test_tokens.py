"""Tokens of service accounts: asked for, reviewed, bound to pods."""

from typing import Any

import pytest

from rig.kube_client import Kube, unique, until

_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
_AUDIENCE = "podbook"


@pytest.fixture(scope="module")
def account(kube: Kube) -> str:
    name = unique("account")
    kube.create(kube.path("serviceaccounts"), {"metadata": {"name": name}})
    return name


def _token(kube: Kube, account: str, **spec: Any) -> dict[str, Any]:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    status: dict[str, Any] = kube.create(
        kube.path("serviceaccounts", account) + "/token", body
    ).body["status"]
    return status


def _review(kube: Kube, token: str, audiences: list[str] | None = None) -> dict[str, Any]:
    spec = {"token": token, **({"audiences": audiences} if audiences else {})}
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}
    status: dict[str, Any] = kube.create(_REVIEWS, body).body["status"]
    return status


def _a_pod(kube: Kube, account: str) -> tuple[str, str]:
    spec = {
        "schedulerName": "nobody",
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "containers": [{"name": "main", "image": "nothing:1"}],
    }
    created = kube.create(kube.path("pods"), {"metadata": {"name": unique("p")}, "spec": spec})
    return created.name, created.uid


def test_a_token_names_its_account(kube: Kube, account: str) -> None:
    status = _review(kube, _token(kube, account)["token"])

    assert status["authenticated"] is True
    assert status["user"]["username"] == f"system:serviceaccount:{kube.namespace}:{account}"
    assert {"system:serviceaccounts", f"system:serviceaccounts:{kube.namespace}"} <= set(
        status["user"]["groups"]
    )


def test_a_token_ends_when_it_was_asked_to(kube: Kube, account: str) -> None:
    status = _token(kube, account, expirationSeconds=600)

    assert status["expirationTimestamp"].endswith("Z")


def test_a_token_lives_ten_minutes_at_least(kube: Kube, account: str) -> None:
    body = {"spec": {"expirationSeconds": 599}}

    answer = kube.request("POST", kube.path("serviceaccounts", account) + "/token", body)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")


def test_an_account_that_is_not_there_has_no_token(kube: Kube) -> None:
    answer = kube.request("POST", kube.path("serviceaccounts", "nobody") + "/token", {"spec": {}})

    assert (answer.status, answer.body["reason"]) == (404, "NotFound")


def test_a_token_is_good_for_its_audience_only(kube: Kube, account: str) -> None:
    token = _token(kube, account, audiences=[_AUDIENCE])["token"]

    for_it = _review(kube, token, [_AUDIENCE, "another"])
    for_another = _review(kube, token, ["another"])
    for_the_server = _review(kube, token)

    assert (for_it["authenticated"], for_it["audiences"]) == (True, [_AUDIENCE])
    assert not for_another.get("authenticated")
    assert not for_the_server.get("authenticated")
    assert for_the_server["error"]


def test_a_token_for_others_does_not_open_the_api(kube: Kube, account: str) -> None:
    token = _token(kube, account, audiences=[_AUDIENCE])["token"]

    with kube.as_user(token) as user:
        answer = user.get("/api")

    assert (answer.status, answer.body["reason"]) == (401, "Unauthorized")


def test_a_bound_token_names_its_pod(kube: Kube, account: str) -> None:
    name, uid = _a_pod(kube, account)
    bound = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid}
    token = _token(kube, account, audiences=[_AUDIENCE], boundObjectRef=bound)["token"]

    extra = _review(kube, token, [_AUDIENCE])["user"]["extra"]

    assert extra["authentication.kubernetes.io/pod-name"] == [name]
    assert extra["authentication.kubernetes.io/pod-uid"] == [uid]


def test_a_bound_token_ends_with_its_pod(kube: Kube, account: str) -> None:
    name, uid = _a_pod(kube, account)
    bound = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid}
    token = _token(kube, account, audiences=[_AUDIENCE], boundObjectRef=bound)["token"]

    kube.delete(kube.path("pods", name), gracePeriodSeconds=0)

    # A real API server remembers a token for about ten seconds.
    until(
        lambda: not _review(kube, token, [_AUDIENCE]).get("authenticated"), what="the token's end"
    )


def test_a_pod_of_another_uid_binds_nothing(kube: Kube, account: str) -> None:
    name, _ = _a_pod(kube, account)
    bound = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": "another"}

    answer = kube.request(
        "POST",
        kube.path("serviceaccounts", account) + "/token",
        {"spec": {"boundObjectRef": bound}},
    )

    assert (answer.status, answer.body["reason"]) == (409, "Conflict")


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
def test_what_is_no_token_is_nobodys(kube: Kube, token: str) -> None:
    body = {"spec": {"token": token}}

    answer = kube.request("POST", _REVIEWS, body)

    assert answer.status in (201, 400, 422)
    status = answer.body["status"]
    assert status == "Failure" or not status.get("authenticated")


def test_a_token_can_not_be_stretched(kube: Kube, account: str) -> None:
    header, claims, signature = _token(kube, account)["token"].split(".")

    assert not _review(kube, f"{header}.{claims}x.{signature}").get("authenticated")
    assert not _review(kube, f"{header}.{claims}.").get("authenticated")


def test_everyone_may_ask_who_they_are(kube: Kube, account: str) -> None:
    token = _token(kube, account)["token"]
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}

    with kube.as_user(token) as user:
        answer = user.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", body)

    username = f"system:serviceaccount:{kube.namespace}:{account}"
    assert answer.body["status"]["userInfo"]["username"] == username
