"""Decides by RBAC what a user may do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podbook_cluster.apiserver.access.users import User
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.resources import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    ROLES,
)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What somebody wants to do; `path` for URLs that are no resource."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Access:
    """The roles and bindings of the store, asked anew each time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allows(self, user: User, wanted: Attributes) -> bool:
        """Return whether a rule of one of the user's roles covers it."""
        if user.is_admin or _is_public(user, wanted):
            return True
        return any(_covers(rule, wanted) for rule in self.rules(user, wanted.namespace))

    def rules(self, user: User, namespace: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rules that bind a user, cluster-wide and in one namespace."""
        for record in self._store.scan(CLUSTER_ROLE_BINDINGS, ""):
            yield from self._rules_of(record.decode(), user, "")
        if namespace:
            for record in self._store.scan(ROLE_BINDINGS, namespace):
                yield from self._rules_of(record.decode(), user, namespace)

    def _rules_of(self, binding: Object, user: User, namespace: str) -> Iterator[Mapping[str, Any]]:
        if not any(_is(user, subject, namespace) for subject in binding.get("subjects") or ()):
            return
        reference = binding["roleRef"]
        if reference["kind"] == "Role":
            record = self._store.get(ROLES, (namespace, reference["name"]))
        else:
            record = self._store.get(CLUSTER_ROLES, ("", reference["name"]))
        if record is not None:
            yield from record.decode().get("rules") or ()


def _is_public(user: User, wanted: Attributes) -> bool:
    # As the roles system:basic-user and system:discovery grant to everyone who has a token.
    if "system:authenticated" not in user.groups:
        return False
    if wanted.path:
        root = wanted.path.strip("/").split("/")[0]
        return wanted.verb == "get" and root in ("api", "apis", "openapi", "version", "healthz")
    return wanted.verb == "create" and wanted.resource in (
        "selfsubjectaccessreviews",
        "selfsubjectrulesreviews",
        "selfsubjectreviews",
    )


def _is(user: User, subject: Object, namespace: str) -> bool:
    if subject["kind"] == "ServiceAccount":
        home = subject.get("namespace") or namespace
        return user.name == f"system:serviceaccount:{home}:{subject['name']}"
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    return bool(subject["name"] == user.name)


def _covers(rule: Mapping[str, Any], wanted: Attributes) -> bool:
    if not _any(rule, "verbs", wanted.verb):
        return False
    if wanted.path:
        return any(_path_matches(item, wanted.path) for item in rule.get("nonResourceURLs") or ())
    plural, sub = wanted.resource, wanted.subresource
    listed = rule.get("resources") or ()
    path = f"{plural}/{sub}" if sub else plural
    if not ({path, "*"} | ({f"*/{sub}"} if sub else set())).intersection(listed):
        return False
    names = rule.get("resourceNames")
    return _any(rule, "apiGroups", wanted.group) and (not names or wanted.name in names)


def _any(rule: Mapping[str, Any], field: str, value: str) -> bool:
    values = rule.get(field) or ()
    return value in values or "*" in values


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path == pattern
