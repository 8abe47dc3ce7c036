"""Accounts of a cluster, what its RBAC lets them do, and their tokens."""

from typing import Any, Final

from podbook_crds import names
from rig.embedded import EmbeddedCluster
from tests.support.role_table import Rules

_GROUP: Final = "rbac.authorization.k8s.io"
_RBAC: Final = f"/apis/{_GROUP}/v1/namespaces/default"
_ACCOUNTS: Final = "/api/v1/namespaces/default/serviceaccounts"


def make_account(cluster: EmbeddedCluster, account: str, rules: Rules) -> None:
    """Make a ServiceAccount that may do so."""
    _made(cluster, _ACCOUNTS, {"metadata": {"name": account}})
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "default"}
    grant(cluster, account, rules, subject)


def grant(cluster: EmbeddedCluster, name: str, rules: Rules, subject: dict[str, str]) -> None:
    """Let a subject do so."""
    listed = [
        {
            "apiGroups": ["" if plural.startswith(("pods", "events")) else names.GROUP],
            "resources": [plural],
            "verbs": verbs,
            **({"resourceNames": only} if only else {}),
        }
        for verbs, plural, only in rules
    ]
    _made(cluster, f"{_RBAC}/roles", {"metadata": {"name": name}, "rules": listed})
    reference = {"apiGroup": _GROUP, "kind": "Role", "name": name}
    binding = {"metadata": {"name": name}, "subjects": [subject], "roleRef": reference}
    _made(cluster, f"{_RBAC}/rolebindings", binding)


def _made(cluster: EmbeddedCluster, path: str, body: dict[str, Any]) -> None:
    status, answer = cluster.request("POST", path, body)
    assert status == 201, answer


def token_of(cluster: EmbeddedCluster, account: str) -> str:
    """Return a token of an account."""
    body = {"spec": {"expirationSeconds": 3600}}
    status, answer = cluster.request("POST", f"{_ACCOUNTS}/{account}/token", body)
    assert status == 201, answer
    token: str = answer["status"]["token"]
    return token
