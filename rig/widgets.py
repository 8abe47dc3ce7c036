"""A small custom resource with everything that a CRD of Podbook uses, for tests of the API."""

from typing import Any

GROUP = "test.podbook.dev"
PLURAL = "widgets"
VERSION = "v1"
API_VERSION = f"{GROUP}/{VERSION}"
NAME = f"{PLURAL}.{GROUP}"

_STATUS: dict[str, Any] = {
    "type": "object",
    "default": {"phase": "Queued"},
    "properties": {
        "phase": {"type": "string", "enum": ["Queued", "Running", "Done"], "default": "Queued"},
        "finishedAt": {"type": "string", "format": "date-time"},
        "output": {"x-kubernetes-preserve-unknown-fields": True, "nullable": True},
        "dropped": {"x-kubernetes-preserve-unknown-fields": True},
        "conditions": {
            "type": "array",
            "maxItems": 8,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            "items": {
                "type": "object",
                "required": ["type", "status"],
                "properties": {
                    "type": {"type": "string", "maxLength": 64},
                    "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
                },
            },
        },
    },
}

_SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 100},
        "colour": {"type": "string", "default": "red", "maxLength": 32},
        "ratio": {"type": "number"},
        "port": {"x-kubernetes-int-or-string": True},
        "tags": {
            "type": "array",
            "maxItems": 8,
            "x-kubernetes-list-type": "set",
            "items": {"type": "string", "maxLength": 32},
        },
        "parameters": {
            "type": "object",
            "maxProperties": 64,
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}},
        "stop": {"type": "boolean"},
    },
    "x-kubernetes-validations": [
        {"rule": "self.colour == oldSelf.colour", "message": "colour is immutable"},
        {
            "rule": "!has(oldSelf.stop) || !oldSelf.stop || (has(self.stop) && self.stop)",
            "message": "once stopped, always stopped",
        },
        {
            "rule": "self.size % 2 == 0 || self.colour != 'even'",
            "messageExpression": "self.colour + ' wants an even size'",
        },
    ],
}

# Whoever applies it writes all of it.
_FRAME: dict[str, Any] = {
    "type": "object",
    "x-kubernetes-map-type": "atomic",
    "properties": {"wide": {"type": "integer"}, "high": {"type": "integer"}},
}

DEFINITION: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": NAME},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {
            "plural": PLURAL,
            "singular": "widget",
            "kind": "Widget",
            "listKind": "WidgetList",
            "shortNames": ["wd"],
            "categories": ["all"],
        },
        "versions": [
            {
                "name": VERSION,
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "selectableFields": [{"jsonPath": ".status.phase"}, {"jsonPath": ".spec.colour"}],
                "additionalPrinterColumns": [
                    {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "priority": 1},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "description": "A widget.",
                        "required": ["spec"],
                        "properties": {"spec": _SPEC, "status": _STATUS, "frame": _FRAME},
                        "x-kubernetes-validations": [
                            {
                                "rule": (
                                    "!has(oldSelf.status) || !has(oldSelf.status.phase)"
                                    " || oldSelf.status.phase != 'Done'"
                                    " || (has(self.status) && has(self.status.phase)"
                                    " && self.status.phase == 'Done')"
                                ),
                                "message": "a widget that is done stays done",
                            }
                        ],
                    }
                },
            }
        ],
    },
}


def a_widget(name: str = "w", **fields: Any) -> dict[str, Any]:
    """Return a valid widget; fields replace those of its spec, and `labels` its labels."""
    metadata: dict[str, Any] = {"name": name}
    for key in ("labels", "annotations", "finalizers", "ownerReferences", "generateName"):
        if f"metadata_{key}" in fields:
            metadata[key] = fields.pop(f"metadata_{key}")
    if "generateName" in metadata:
        del metadata["name"]
    return {
        "apiVersion": API_VERSION,
        "kind": "Widget",
        "metadata": metadata,
        "spec": {"size": 2, **fields},
    }
