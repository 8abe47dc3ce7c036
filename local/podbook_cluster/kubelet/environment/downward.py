"""Answers a pod's questions about itself: the downward API."""

import json
import os
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod
from podbook_cluster.kubelet.environment import quantities
from podbook_cluster.kubelet.pod.status import ADDRESS

_ENTRY: Final = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")


class UnknownField(Exception):
    """The pod asks for something that the downward API doesn't have."""


def field(pod: Pod, path: str, *, node_name: str) -> str:
    """Return the value of a fieldRef; UnknownField names a path that there is none for."""
    meta = pod["metadata"]
    if entry := _ENTRY.fullmatch(path):
        return str((meta.get(entry[1]) or {}).get(entry[2], ""))
    if path in {"metadata.labels", "metadata.annotations"}:
        entries = meta.get(path.removeprefix("metadata.")) or {}
        return "".join(f"{key}={json.dumps(entries[key])}\n" for key in sorted(entries)).rstrip(
            "\n"
        )
    fixed = {
        "metadata.name": meta["name"],
        "metadata.namespace": meta["namespace"],
        "metadata.uid": meta["uid"],
        "spec.nodeName": node_name,
        "spec.serviceAccountName": pod["spec"].get("serviceAccountName") or "default",
        **dict.fromkeys(
            ("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"), ADDRESS
        ),
    }
    if path not in fixed:
        raise UnknownField(f"fieldRef {path!r} is not known to the downward API")
    return str(fixed[path])


def resource(container: Mapping[str, Any], reference: Mapping[str, Any]) -> str:
    """Return the value of a resourceFieldRef; what has no limit has the machine's."""
    path = str(reference["resource"])
    kind, _, name = path.partition(".")
    if kind not in {"limits", "requests"} or name not in {"cpu", "memory", "ephemeral-storage"}:
        raise UnknownField(f"resourceFieldRef {path!r} is not known to the downward API")
    stated = container.get("resources") or {}
    given = (stated.get(kind) or {}).get(name)
    if given is None and kind == "requests":
        given = (stated.get("limits") or {}).get(name, 0)
    amount = quantities.parse(given) if given is not None else _capacity(name)
    return str(quantities.divided(amount, str(reference.get("divisor") or "1")))


def _capacity(name: str) -> Decimal:
    if name == "cpu":
        return Decimal(os.cpu_count() or 1)
    if name == "memory":
        return Decimal(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return Decimal(0)
