"""Answers questions about tokens and permissions: objects that are asked, never stored."""

from collections.abc import Callable
from typing import Any

from podbook_cluster.apiserver.access.rbac import Access, Attributes
from podbook_cluster.apiserver.access.tokens import API_AUDIENCE, Tokens
from podbook_cluster.apiserver.access.users import User
from podbook_cluster.apiserver.schema.builtin_schemas import of_kind
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms import clock, errors
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.resources import PODS, SECRETS, SERVICE_ACCOUNTS
from podbook_cluster.apiserver.write.metadata import check_types

_DEFAULT_SECONDS = 3600
_SHORTEST_SECONDS = 600
_LONGEST_SECONDS = 2**32
_BINDABLE = {"Pod": PODS, "Secret": SECRETS}


class Reviews:
    """The kinds of review."""

    def __init__(self, store: Store, tokens: Tokens, access: Access) -> None:
        self._store = store
        self._tokens = tokens
        self._access = access

    def answer(self, call: Call, review: Any) -> Object:
        """Return the review with its status filled in."""
        check_types(call.resource.kind, of_kind(call.resource.kind), review)
        answers: dict[str, Callable[[Call, Object], Object]] = {
            "TokenReview": self._token,
            "SelfSubjectReview": self._self,
            "SubjectAccessReview": self._subject_access,
            "LocalSubjectAccessReview": self._subject_access,
            "SelfSubjectAccessReview": self._self_access,
            "SelfSubjectRulesReview": self._self_rules,
        }
        status = answers[call.resource.kind](call, review)
        return {
            "kind": call.resource.kind,
            "apiVersion": call.resource.api_version,
            "metadata": {"creationTimestamp": None},
            **({"spec": review["spec"]} if "spec" in review else {}),
            "status": status,
        }

    def request_token(self, call: Call, request: Any) -> Object:
        """Return a TokenRequest with a token for the service account that the call names."""
        account = self._store.get(SERVICE_ACCOUNTS, call.key)
        if account is None:
            raise errors.not_found(SERVICE_ACCOUNTS, call.name)
        check_types("TokenRequest", of_kind("TokenRequest"), request)
        spec = request.get("spec") or {}
        seconds = int(spec.get("expirationSeconds") or _DEFAULT_SECONDS)
        if not _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
            cause = errors.Cause(
                "spec.expirationSeconds",
                f"Invalid value: {seconds}: may not specify a duration less than 10 minutes or"
                " larger than 2^32 seconds",
            )
            raise errors.invalid(SERVICE_ACCOUNTS, call.name, [cause])
        audiences = list(spec.get("audiences") or [API_AUDIENCE])
        token, end = self._tokens.issue(
            {"namespace": account.namespace, "name": account.name, "uid": account.uid},
            audiences=audiences,
            seconds=seconds,
            bound_to=self._bound(call, spec.get("boundObjectRef")),
        )
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": call.name,
                "namespace": call.namespace,
                "creationTimestamp": clock.timestamp(),
            },
            "spec": {**spec, "audiences": audiences, "expirationSeconds": seconds},
            "status": {
                "token": token,
                "expirationTimestamp": clock.timestamp(clock.from_unix(end)),
            },
        }

    def _bound(self, call: Call, reference: Any) -> tuple[str, str, str] | None:
        if not reference:
            return None
        kind, name = str(reference.get("kind", "")), str(reference.get("name", ""))
        if kind not in _BINDABLE:
            raise errors.bad_request(f"a token can't be bound to a {kind}, only to a Pod or Secret")
        record = self._store.get(_BINDABLE[kind], (call.namespace, name))
        if record is None:
            raise errors.not_found(_BINDABLE[kind], name)
        uid = reference.get("uid") or record.uid
        if uid != record.uid:
            raise errors.conflict(
                _BINDABLE[kind],
                name,
                f"the UID in the bound object reference ({uid}) does not match the UID in record."
                " The object might have been deleted and then recreated",
            )
        return kind, name, uid

    def _token(self, _call: Call, review: Object) -> Object:
        spec = review.get("spec") or {}
        if not spec.get("token"):
            raise errors.bad_request("token is required for TokenReview in authentication")
        audiences = spec.get("audiences") or [API_AUDIENCE]
        identity = self._tokens.identify(str(spec.get("token") or ""), audiences)
        if identity is None:
            return {"authenticated": False, "user": {}, "error": "invalid bearer token"}
        return {
            "authenticated": True,
            "user": identity.user.info(),
            "audiences": list(identity.audiences),
        }

    def _self(self, call: Call, _review: Object) -> Object:
        return {"userInfo": call.user.info()}

    def _subject_access(self, call: Call, review: Object) -> Object:
        spec = review.get("spec") or {}
        extra = {key: tuple(value) for key, value in (spec.get("extra") or {}).items()}
        if not spec.get("user") and not spec.get("groups"):
            message = 'Invalid value: "": at least one of user or group must be specified'
            raise errors.invalid(call.resource, "", [errors.Cause("spec.user", message)])
        _check_attributes(call, spec)
        user = User(
            str(spec.get("user") or ""),
            tuple(spec.get("groups") or ()),
            spec.get("uid") or "",
            extra,
        )
        return self._decision(user, _attributes(spec, call.namespace))

    def _self_access(self, call: Call, review: Object) -> Object:
        spec = review.get("spec") or {}
        _check_attributes(call, spec)
        return self._decision(call.user, _attributes(spec, ""))

    def _decision(self, user: User, wanted: Attributes) -> Object:
        if self._access.allows(user, wanted):
            return {"allowed": True, "reason": "RBAC: allowed"}
        return {"allowed": False}

    def _self_rules(self, call: Call, review: Object) -> Object:
        namespace = str((review.get("spec") or {}).get("namespace") or "default")
        rules = list(self._access.rules(call.user, namespace))
        if call.user.is_admin:
            everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
            rules = [everything, {"verbs": ["*"], "nonResourceURLs": ["*"]}]
        return {
            "resourceRules": [rule for rule in rules if "resources" in rule],
            "nonResourceRules": [rule for rule in rules if "nonResourceURLs" in rule],
            "incomplete": False,
        }


def _check_attributes(call: Call, spec: Object) -> None:
    if bool(spec.get("resourceAttributes")) == bool(spec.get("nonResourceAttributes")):
        message = (
            "Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be"
            " specified"
        )
        raise errors.invalid(call.resource, "", [errors.Cause("spec.resourceAttributes", message)])


def _attributes(spec: Object, namespace: str) -> Attributes:
    if spec.get("nonResourceAttributes"):
        wanted = spec["nonResourceAttributes"]
        return Attributes(wanted.get("verb", ""), path=wanted.get("path", ""))
    wanted = spec.get("resourceAttributes") or {}
    return Attributes(
        wanted.get("verb", ""),
        wanted.get("group", ""),
        wanted.get("resource", ""),
        wanted.get("subresource", ""),
        wanted.get("namespace", "") or namespace,
        wanted.get("name", ""),
    )
