"""The labels and annotations of a run pod: ours, on top of what a notebook and the release add."""

import re
from collections.abc import Mapping
from typing import Final

from podbook_crds import names

# An autoscaler that takes a node away ends what runs there; a run cannot be moved.
# https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
# https://karpenter.sh/docs/concepts/disruption/
KEPT_BY_AUTOSCALERS: Final = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "karpenter.sh/do-not-disrupt": "true",
}

_AT_MOST: Final = 32
_VALUE_LIMIT: Final = 4096
_KEY: Final = re.compile(
    r"(?:(?P<prefix>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
)
_LABEL: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
# Kubernetes and its node agents act on theirs: security profiles, networks, other queues' gates.
# x-k8s.io is where projects beside Kubernetes are, Kueue among them.
_RESERVED: Final = re.compile(r"(.*\.)?(podbook\.dev|(?<!x-)kubernetes\.io|(?<!x-)k8s\.io)")
_MAY_DIFFER: Final = set(KEPT_BY_AUTOSCALERS)


def of_pod(notebook: str, *added: Mapping[str, str] | None) -> dict[str, str]:
    """Return the labels that are for people and tools; added ones in the order of their weight."""
    own = {
        "app.kubernetes.io/name": "podbook-run",
        "app.kubernetes.io/component": "run",
        "app.kubernetes.io/part-of": "podbook",
        "app.kubernetes.io/managed-by": "podbook-operator",
    }
    if notebook:
        own[names.NOTEBOOK_LABEL] = names.label_value(notebook)
    return {**_merged(added), **own}


def annotations_of_pod(*added: Mapping[str, str] | None) -> dict[str, str]:
    """Return the annotations that are for other controllers; the added ones may say otherwise."""
    return {**KEPT_BY_AUTOSCALERS, **_merged(added)}


def problem(labels: Mapping[str, str] | None, annotations: Mapping[str, str] | None) -> str:
    """Say what of them no pod may be given; empty where nothing is wrong."""
    for field, added in (("podLabels", labels or {}), ("podAnnotations", annotations or {})):
        if len(added) > _AT_MOST:
            return f"{field}: {len(added)} are more than the {_AT_MOST} that there may be"
        for key, value in added.items():
            if wrong := _wrong_key(key) or _wrong_value(value, is_label=field == "podLabels"):
                return f"{field}: {key[:80]!r} {wrong}"
    return ""


def _wrong_key(key: str) -> str:
    match = _KEY.fullmatch(key)
    if match is None:
        return "is no name such as team or example.org/team"
    if match["prefix"] and key not in _MAY_DIFFER and _RESERVED.fullmatch(match["prefix"]):
        return "belongs to Podbook or Kubernetes; use a prefix of your own"
    return ""


def _wrong_value(value: str, *, is_label: bool) -> str:
    if is_label and not _LABEL.fullmatch(value):
        return "has a value that no label can have: at most 63 letters, digits, -, _ and dots"
    return f"has more than {_VALUE_LIMIT} characters" if len(value) > _VALUE_LIMIT else ""


def _merged(added: tuple[Mapping[str, str] | None, ...]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for each in added:
        merged.update(each or {})
    return merged
