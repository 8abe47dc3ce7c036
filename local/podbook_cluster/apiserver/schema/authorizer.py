"""CEL's authorizer in policies: asks whether who writes may do something else as well."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Asked = dict[str, Any]
# Whether it is allowed: verb, group, resource, subresource, namespace, name.
Allows = Callable[[Mapping[str, str]], bool]

# What may be said of what is asked for, each as a function of its own: group('g').resource('r')…
_PARTS: Final = ("group", "resource", "subresource", "namespace", "name")
# What Kubernetes has there besides.
LACKING: Final = frozenset({"path", "serviceAccount", "fieldSelector", "labelSelector"})


def functions(allows: Allows) -> dict[str, Callable[..., Any]]:
    """Return the functions that an expression may call on `authorizer`, a map of what was said."""

    def check(said: Asked, verb: str) -> Asked:
        return {**said, "verb": verb}

    def allowed(said: Asked) -> bool:
        return allows(said)

    return {**{part: _said(part) for part in _PARTS}, "check": check, "allowed": allowed}


def _said(part: str) -> Callable[[Asked, str], Asked]:
    def say(said: Asked, value: str) -> Asked:
        return {**said, part: value}

    return say
