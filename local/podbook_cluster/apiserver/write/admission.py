"""Asks the ValidatingAdmissionPolicies whether a write may happen."""

from collections.abc import Mapping
from typing import Literal

from podbook_cluster.apiserver.access.rbac import Access, Attributes
from podbook_cluster.apiserver.schema.policies import Policy, Question, load
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.resources import (
    NAMESPACES,
    POLICIES,
    POLICY_BINDINGS,
    Resource,
)

Operation = Literal["CREATE", "UPDATE", "DELETE"]

# Policies do not apply to policies: a wrong one could not be mended.
_EXEMPT = (POLICIES, POLICY_BINDINGS)


class Admission:
    """The policies in force."""

    def __init__(self, store: Store, access: Access) -> None:
        self._store = store
        self._access = access
        self._policies: tuple[Policy, ...] = ()

    def follow(self, resource: Resource) -> None:
        """Read the policies again where `resource` is one of theirs."""
        if resource in _EXEMPT:
            self._policies = load(
                [record.decode() for record in self._store.scan(POLICIES, "")],
                [record.decode() for record in self._store.scan(POLICY_BINDINGS, "")],
            )

    def check(
        self, call: Call, operation: Operation, new: Object | None, old: Object | None
    ) -> None:
        """Raise an ApiError where a policy denies the write."""
        if not self._policies or call.resource in _EXEMPT:
            return
        question = Question(
            call, operation, new, old, self._namespace(call), lambda said: self._may(call, said)
        )
        for policy in self._policies:
            policy.check(question)

    def _may(self, call: Call, said: Mapping[str, str]) -> bool:
        return self._access.allows(call.user, Attributes(**said))

    def _namespace(self, call: Call) -> Object | None:
        if not call.resource.namespaced:
            return None
        record = self._store.get(NAMESPACES, ("", call.namespace))
        return record.decode() if record else None
