"""What `kubectl explain` says of the built-in kinds; of what is not listed any value is taken."""

from typing import Any, Final

Schema = dict[str, Any]

_ANY: Final = "x-kubernetes-preserve-unknown-fields"


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _object(description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        _ANY: True,
        **({"properties": properties} if properties else {}),
    }


def _list(description: str, items: Schema) -> Schema:
    return {"type": "array", "description": description, "items": items}


TYPE_META: Final = {
    "apiVersion": _text("The versioned schema of this representation of an object."),
    "kind": _text("The REST resource that this object represents."),
}
_OBJECT_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
METADATA: Final[Schema] = {
    "description": "Standard object's metadata.",
    "allOf": [{"$ref": f"#/components/schemas/{_OBJECT_META}"}],
}
SHARED: Final[dict[str, Schema]] = {
    _OBJECT_META: _object(
        "What every persisted object has.",
        name=_text("Unique within a namespace; can't be changed."),
        generateName=_text("A prefix for a name that the server makes."),
        namespace=_text("The space within which the name is unique."),
        uid=_text("Unique in time and space; set by the server."),
        resourceVersion=_text("The opaque version of this object; changes with every write."),
        generation={"type": "integer", "description": "Counts changes of what is wanted."},
        creationTimestamp=_text("When the server made the object."),
        deletionTimestamp=_text("When the object will be, or was to be, removed."),
        labels=_object("Keys and values to select objects by."),
        annotations=_object("Keys and values that tools keep with an object."),
        finalizers=_list("Who must let go before the object is removed.", {"type": "string"}),
        ownerReferences=_list("Objects that this one is removed with.", _object("An owner.")),
    )
}

_CONTAINER: Final = _object(
    "One program of the pod.",
    name=_text("Unique within the pod."),
    image=_text("The image; the process kubelet shows it and does not use it."),
    command=_list("The program and its first arguments.", {"type": "string"}),
    args=_list("Further arguments.", {"type": "string"}),
    workingDir=_text("The folder that the program starts in."),
    env=_list("Environment variables.", _object("One variable.")),
    volumeMounts=_list("Where volumes are seen.", _object("One mount.")),
    resources=_object("What it needs, and what it may use at most."),
)
_KINDS: Final[dict[str, Schema]] = {
    "Pod": _object(
        "Programs that run together on one host.",
        spec=_object(
            "What is wanted.",
            containers=_list("The programs.", _CONTAINER),
            volumes=_list("Folders that the containers share.", _object("One volume.")),
            restartPolicy=_text("Always, OnFailure or Never."),
            nodeName=_text("Where the pod runs."),
            activeDeadlineSeconds={"type": "integer", "description": "The longest it may run."},
        ),
        status=_object(
            "What is observed.",
            phase=_text("Pending, Running, Succeeded, Failed or Unknown."),
            containerStatuses=_list("One per container.", _object("One container's state.")),
        ),
    ),
    "Namespace": _object("A scope for names."),
    "ConfigMap": _object(
        "Configuration for pods to read.",
        data=_object("Keys and their text."),
        binaryData=_object("Keys and their bytes, as base64."),
    ),
    "Secret": _object(
        "Something that not everybody may read.",
        data=_object("Keys and their bytes, as base64."),
        stringData=_object("Keys and their text; write only."),
        type=_text("What the keys mean."),
    ),
    "ServiceAccount": _object("A name that programs act under."),
    "Event": _object("Something that happened to an object."),
    "Lease": _object("Who holds something, and until when.", spec=_object("The lease.")),
}


def of_kind(kind: str) -> Schema:
    """Return the schema of a built-in kind."""
    return _KINDS.get(kind) or _object(f"A {kind}.")
