"""What a request does to which resource, in the words of RBAC."""

import re
from dataclasses import dataclass
from typing import Final

from podbook_crds import names


@dataclass(frozen=True, slots=True)
class Access:
    """A verb on a resource; name is empty where it is not about one."""

    verb: str
    resource: str
    name: str = ""


_N, _E = names.NOTEBOOK_PLURAL, names.EXECUTION_PLURAL

# The first that fits decides. (method, path, verb, resource); the group `id` is the object's name.
_ROUTES: Final = [
    (method, re.compile(path), verb, resource)
    for method, path, verb, resource in (
        ("POST", r"/v1/notebooks/.*/executions", "create", _E),
        ("GET", r"/v1/notebooks", "list", _N),
        ("GET", r"/v1/notebooks/.*", "get", _N),
        ("GET", r"/v1/executions", "list", _E),
        ("POST", r"/v1/executions", "create", _E),
        ("POST", r"/v1/executions/(?P<id>[^/]+)/cancel", "update", _E),
        ("GET", r"/v1/executions/(?P<id>[^/]+)(/.*)?", "get", _E),
        ("DELETE", r"/v1/executions/(?P<id>[^/]+)", "delete", _E),
        ("POST", r"/api/NotebookExecutions", "create", _E),
        ("GET", r"/api/NotebookExecutions", "get", _E),
        ("GET", r"/api/notebooks", "list", _N),
        ("POST", r"/api/notebooks/.*/execute", "create", _E),
        ("GET", r"/api/notebooks/.*", "get", _N),
        ("GET", r"/api/notebook_executions/(?P<id>[^/]+)(/.*)?", "get", _E),
        ("POST", r"/noteburst/v1/notebooks/?", "create", _E),
        ("GET", r"/noteburst/v1/notebooks/(?P<id>[^/]+)", "get", _E),
    )
]

# The page and its document show every contract.
_ANYTHING_ELSE: Final = Access("list", names.NOTEBOOK_PLURAL)


def access_of(method: str, path: str) -> Access:
    """Return what the request does; what no route answers needs what the docs page needs."""
    method = "GET" if method == "HEAD" else method
    for known, pattern, verb, resource in _ROUTES:
        match = pattern.fullmatch(path) if known == method else None
        if match is not None:
            return Access(verb, resource, match.groupdict().get("id") or "")
    return _ANYTHING_ELSE
