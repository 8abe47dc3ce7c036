"""Tokens of an issuer that the cluster does not know count as kube-apiserver would count them."""

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from podbook_api.auth.oidc import signing_keys
from podbook_api.auth.oidc.issuers import Issuer
from podbook_api.auth.oidc.verifier import Verifier
from podbook_api.auth.rbac import User
from podbook_api.http.problems import Problem
from podbook_api.settings import AuthMode, Settings
from tests.support.played_issuer import AUDIENCE, PlayedIssuer, playing

ALL = "system:authenticated"
KEYS = "/keys"
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def issuer() -> Iterator[PlayedIssuer]:
    """One of each test's own: they break it."""
    with playing() as issuer:
        yield issuer


def verifier(issuer: PlayedIssuer, **settings: Any) -> Verifier:
    told = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, **settings}
    found = Issuer.of(Settings(auth=AuthMode.KUBERNETES, **told))
    assert found is not None
    return Verifier(found)


@pytest.mark.parametrize(
    ("settings", "claims", "name", "groups"),
    [
        pytest.param({}, {}, "{url}#ann", (), id="sub gets the issuer's prefix"),
        pytest.param({"oidc_username_prefix": "-"}, {}, "ann", (), id="- is no prefix"),
        pytest.param({"oidc_username_prefix": "o:"}, {}, "o:ann", (), id="a prefix of one's own"),
        pytest.param({}, {"aud": ["x", AUDIENCE]}, "{url}#ann", (), id="one of its audiences"),
        pytest.param(
            {"oidc_username_claim": "email", "oidc_groups_claim": "groups"},
            {"email": "ann@x.test", "email_verified": True, "groups": ["a", "b"]},
            "ann@x.test",
            ("a", "b"),
            id="email has no prefix",
        ),
        pytest.param(
            {"oidc_groups_claim": "g", "oidc_groups_prefix": "o:", "oidc_username_prefix": "-"},
            {"g": "one"},
            "ann",
            ("o:one",),
            id="one group as text, prefixed",
        ),
    ],
)
async def test_a_good_token_says_who_it_is(
    issuer: PlayedIssuer,
    settings: dict[str, Any],
    claims: dict[str, Any],
    name: str,
    groups: tuple[str, ...],
) -> None:
    checks = verifier(issuer, **settings)
    token = issuer.token(**claims)

    assert checks.is_of_issuer(token)
    assert await checks.user(token) == User(name.format(url=issuer.url), (*groups, ALL))


@pytest.mark.parametrize(
    ("claims", "status", "said"),
    [
        pytest.param({"exp": 1}, 401, "expired", id="over"),
        pytest.param({"exp": None}, 401, '"exp"', id="without an end"),
        pytest.param({"nbf": int(time.time()) + 3600}, 401, "not yet valid", id="too early"),
        pytest.param({"aud": "other"}, 401, "[Aa]udience", id="for somebody else"),
        pytest.param({"aud": None}, 401, '"aud"', id="for anybody"),
        pytest.param({"sub": None}, 401, "claim 'sub'", id="of nobody"),
        pytest.param({"sub": 7}, 401, "[Ss]ubject", id="of a number"),
        pytest.param({"sub": "system:admin"}, 403, "system:admin", id="of the cluster's own"),
        pytest.param(
            {"groups": ["system:masters"]}, 403, "system:masters", id="its administrators"
        ),
        pytest.param({"groups": {"a": 1}}, 401, "no list", id="with groups that are none"),
    ],
)
async def test_any_other_token_is_refused(
    issuer: PlayedIssuer, claims: dict[str, Any], status: int, said: str
) -> None:
    checks = verifier(issuer, oidc_username_prefix="-", oidc_groups_claim="groups")

    with pytest.raises(Problem, match=said) as refused:
        await checks.user(issuer.token(**claims))

    assert refused.value.status == status


async def test_what_the_issuer_did_not_sign_is_refused(issuer: PlayedIssuer) -> None:
    checks, good = verifier(issuer), issuer.token()
    head, body, _ = good.split(".")
    shared = jwt.encode({"iss": issuer.url, "sub": "x"}, "k" * 32, algorithm="HS256")
    unsigned = jwt.encode({"iss": issuer.url, "sub": "x"}, "", algorithm="none")
    with playing() as other:
        foreign = jwt.encode(
            jwt.decode(good, options={"verify_signature": False}),
            other.keys["one"],
            algorithm="ES256",
            headers={"kid": "one"},
        )
        assert not checks.is_of_issuer(other.token())

    for token in (f"{head}.{body}.AAAA", shared, unsigned, foreign):
        with pytest.raises(Problem) as refused:
            await checks.user(token)
        assert refused.value.status == 401, token
    for nothing in ("", "a", "a.b.c", "x" * 40_000):
        assert not checks.is_of_issuer(nothing)


async def test_a_new_key_is_found_and_made_up_ones_do_not_ask_each_time(
    issuer: PlayedIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = verifier(issuer)
    await checks.user(issuer.token())
    issuer.add_key("two")
    for _ in range(5):
        with pytest.raises(Problem, match="does not have"):
            await checks.user(issuer.token("two"))
    assert issuer.asked == [DISCOVERY, KEYS]

    monkeypatch.setattr(signing_keys, "_PAUSE_SECONDS", 0.0)
    await checks.user(issuer.token("two"))

    await checks.user(issuer.token("two"))
    assert issuer.asked == 2 * [DISCOVERY, KEYS]


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        pytest.param(DISCOVERY, (500, {}), "answered 500", id="it fails"),
        pytest.param(DISCOVERY, (200, b"<html>"), "Expecting value", id="no JSON"),
        pytest.param(DISCOVERY, (200, {"issuer": "x"}), "says that it is 'x'", id="another one"),
        pytest.param(KEYS, (200, {"keys": 7}), "lists no keys", id="no list of keys"),
        pytest.param(KEYS, (200, b" " * 2_000_000), "answered 200", id="without an end"),
    ],
)
async def test_an_issuer_that_does_not_answer_is_no_fault_of_the_caller(
    issuer: PlayedIssuer, path: str, answer: tuple[int, Any], said: str
) -> None:
    issuer.answers[path] = answer
    checks, token = verifier(issuer), issuer.token()

    for _ in range(2):
        with pytest.raises(Problem, match=said) as refused:
            await checks.user(token)
        shown = (refused.value.status, refused.value.kind)
        assert shown == (503, "issuer-unavailable")
    assert issuer.asked.count(DISCOVERY) == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"oidc_issuer": "http://idp.example.test", "oidc_audience": "a"}, "no https:// address"),
        ({"oidc_issuer": "https://idp.example.test"}, "needs PODBOOK_OIDC_AUDIENCE"),
    ],
)
def test_what_could_be_anybody_s_is_not_configured(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Issuer.of(Settings(auth=AuthMode.KUBERNETES, **settings))


def test_users_of_an_issuer_need_the_cluster_s_rbac() -> None:
    with pytest.raises(ValueError, match="needs PODBOOK_AUTH=kubernetes"):
        Settings(oidc_issuer="https://idp.example.test", oidc_audience="a")
