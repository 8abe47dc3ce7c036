"""The types of the built-in kinds' fields, for `kubectl explain` and against broken bodies.

Only what the server, the kubelet or Podbook reads is listed; other fields pass as they are.
"""

from typing import Final

from podbook_cluster.apiserver.schema import control_schemas
from podbook_cluster.apiserver.schema.schema_terms import (
    Schema,
    fields,
    integer,
    items,
    text,
    texts,
    texts_by_name,
)

TYPE_META: Final = {
    "apiVersion": text("The versioned schema of this representation of an object."),
    "kind": text("The REST resource that this object represents."),
}
OBJECT_META: Final = fields(
    "What every persisted object has.",
    name=text("Unique within a namespace; can't be changed."),
    generateName=text("A prefix for a name that the server makes."),
    namespace=text("The space within which the name is unique."),
    uid=text("Unique in time and space; set by the server."),
    resourceVersion=text("The opaque version of this object; changes with every write."),
    generation=integer("Counts changes of what is wanted."),
    creationTimestamp=text("When the server made the object."),
    deletionTimestamp=text("When the object will be, or was to be, removed."),
    labels=texts_by_name("Keys and values to select objects by."),
    annotations=texts_by_name("Keys and values that tools keep with an object."),
    finalizers=texts("Who must let go before the object is removed."),
    ownerReferences=items(
        fields(
            "An owner.",
            apiVersion=text(),
            kind=text(),
            name=text(),
            uid=text(),
            controller={"type": "boolean"},
            blockOwnerDeletion={"type": "boolean"},
        ),
        "Objects that this one is removed with.",
    ),
)
_META_NAME: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
METADATA: Final[Schema] = {
    "description": "Standard object's metadata.",
    "allOf": [{"$ref": f"#/components/schemas/{_META_NAME}"}],
}
SHARED: Final[dict[str, Schema]] = {_META_NAME: OBJECT_META}

_CONTAINER: Final = fields(
    "One program of the pod.",
    name=text("Unique within the pod."),
    image=text("The image; the process kubelet shows it and does not use it."),
    command=texts("The program and its first arguments."),
    args=texts("Further arguments."),
    workingDir=text("The folder that the program starts in."),
    env=items(fields("One variable.", name=text()), "Environment variables."),
    envFrom=items(fields(), "Whole config maps and secrets as environment variables."),
    volumeMounts=items(
        fields("One mount.", name=text(), mountPath=text()), "Where volumes are seen."
    ),
    resources=fields(
        "What it needs, and what it may use at most.", limits=fields(), requests=fields()
    ),
)
_POD: Final = fields(
    "Programs that run together on one host.",
    spec=fields(
        "What is wanted.",
        containers=items(_CONTAINER, "The programs."),
        initContainers=items(_CONTAINER, "Programs that run first, one after the other."),
        volumes=items(
            fields(
                "One volume.",
                name=text(),
                projected=fields(sources=items(fields(serviceAccountToken=fields()))),
                configMap=fields(),
                secret=fields(),
                downwardAPI=fields(),
                emptyDir=fields(),
            ),
            "Folders that the containers share.",
        ),
        restartPolicy=text("Always, OnFailure or Never."),
        nodeName=text("Where the pod runs."),
        serviceAccountName=text("Who the pod is."),
        activeDeadlineSeconds=integer("The longest it may run."),
        terminationGracePeriodSeconds=integer("Between the request to end and the end."),
    ),
    status=fields(
        "What is observed.",
        phase=text("Pending, Running, Succeeded, Failed or Unknown."),
        conditions=items(fields("One condition.", type=text())),
        containerStatuses=items(fields("One container's state."), "One per container."),
    ),
)
_REFERENCE: Final = fields(kind=text(), namespace=text(), name=text(), uid=text())
_KINDS: Final[dict[str, Schema]] = {
    "Pod": _POD,
    "Namespace": fields(
        "A scope for names.",
        spec=fields("Who must let go before it is removed.", finalizers=texts()),
        status=fields("Whether it is being removed.", phase=text()),
    ),
    "ConfigMap": fields(
        "Configuration for pods to read.",
        data=texts_by_name("Keys and their text."),
        binaryData=texts_by_name("Keys and their bytes, as base64."),
    ),
    "Secret": fields(
        "Something that not everybody may read.",
        data=texts_by_name("Keys and their bytes, as base64."),
        stringData=texts_by_name("Keys and their text; write only."),
        type=text("What the keys mean."),
    ),
    "ServiceAccount": fields(
        "A name that programs act under.",
        secrets=items(fields()),
        imagePullSecrets=items(fields()),
    ),
    "Event": fields(
        "Something that happened to an object.",
        involvedObject=_REFERENCE,
        regarding=_REFERENCE,
        reason=text("Why, as one word."),
        message=text("What happened, for people."),
        note=text("What happened, for people."),
        type=text("Normal or Warning."),
        action=text("What was done."),
        eventTime=text("When it was first seen."),
        lastTimestamp=text("When it was last seen."),
        reportingComponent=text("Who says so."),
        reportingInstance=text("Which one of them."),
        count=integer("How often."),
        series=fields("How often, and when last.", count=integer(), lastObservedTime=text()),
    ),
    "ControllerRevision": fields(
        "An immutable snapshot of state.", revision=integer("Which one of several.")
    ),
    "Lease": fields(
        "Who holds something, and until when.",
        spec=fields(
            "The lease.",
            holderIdentity=text("Who holds it."),
            leaseDurationSeconds=integer("How long, without a renewal."),
            acquireTime=text("Since when."),
            renewTime=text("When it was last renewed."),
            leaseTransitions=integer("How often it changed hands."),
        ),
    ),
    **control_schemas.KINDS,
}


def of_kind(kind: str) -> Schema:
    """Return the schema of a built-in kind."""
    return _KINDS.get(kind) or fields(f"A {kind}.")
