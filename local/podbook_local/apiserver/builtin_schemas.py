"""The types of the built-in kinds' fields, for `kubectl explain` and against broken bodies.

Only what the server, the kubelet or Podbook reads is listed; other fields pass as they are.
"""

from typing import Any, Final

Schema = dict[str, Any]

_ANY: Final = "x-kubernetes-preserve-unknown-fields"


def _text(description: str = "") -> Schema:
    return {"type": "string", "description": description}


def _integer(description: str = "") -> Schema:
    return {"type": "integer", "description": description}


def _object(description: str = "", required: str = "", **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        _ANY: True,
        **({"required": required.split()} if required else {}),
        **({"properties": properties} if properties else {}),
    }


def _list(items: Schema, description: str = "") -> Schema:
    return {"type": "array", "description": description, "items": items}


def _map(description: str = "") -> Schema:
    return {"type": "object", "description": description, "additionalProperties": _text()}


def _texts(description: str = "") -> Schema:
    return _list(_text(), description)


TYPE_META: Final = {
    "apiVersion": _text("The versioned schema of this representation of an object."),
    "kind": _text("The REST resource that this object represents."),
}
OBJECT_META: Final = _object(
    "What every persisted object has.",
    name=_text("Unique within a namespace; can't be changed."),
    generateName=_text("A prefix for a name that the server makes."),
    namespace=_text("The space within which the name is unique."),
    uid=_text("Unique in time and space; set by the server."),
    resourceVersion=_text("The opaque version of this object; changes with every write."),
    generation=_integer("Counts changes of what is wanted."),
    creationTimestamp=_text("When the server made the object."),
    deletionTimestamp=_text("When the object will be, or was to be, removed."),
    labels=_map("Keys and values to select objects by."),
    annotations=_map("Keys and values that tools keep with an object."),
    finalizers=_texts("Who must let go before the object is removed."),
    ownerReferences=_list(
        _object(
            "An owner.",
            apiVersion=_text(),
            kind=_text(),
            name=_text(),
            uid=_text(),
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

_CONTAINER: Final = _object(
    "One program of the pod.",
    name=_text("Unique within the pod."),
    image=_text("The image; the process kubelet shows it and does not use it."),
    command=_texts("The program and its first arguments."),
    args=_texts("Further arguments."),
    workingDir=_text("The folder that the program starts in."),
    env=_list(_object("One variable.", name=_text()), "Environment variables."),
    envFrom=_list(_object(), "Whole config maps and secrets as environment variables."),
    volumeMounts=_list(
        _object("One mount.", name=_text(), mountPath=_text()), "Where volumes are seen."
    ),
    resources=_object(
        "What it needs, and what it may use at most.", limits=_object(), requests=_object()
    ),
)
_POD: Final = _object(
    "Programs that run together on one host.",
    spec=_object(
        "What is wanted.",
        containers=_list(_CONTAINER, "The programs."),
        initContainers=_list(_CONTAINER, "Programs that run first, one after the other."),
        volumes=_list(
            _object("One volume.", name=_text(), projected=_object(sources=_list(_object()))),
            "Folders that the containers share.",
        ),
        restartPolicy=_text("Always, OnFailure or Never."),
        nodeName=_text("Where the pod runs."),
        serviceAccountName=_text("Who the pod is."),
        activeDeadlineSeconds=_integer("The longest it may run."),
        terminationGracePeriodSeconds=_integer("Between the request to end and the end."),
    ),
    status=_object(
        "What is observed.",
        phase=_text("Pending, Running, Succeeded, Failed or Unknown."),
        conditions=_list(_object("One condition.", type=_text())),
        containerStatuses=_list(_object("One container's state."), "One per container."),
    ),
)
_REFERENCE: Final = _object(kind=_text(), namespace=_text(), name=_text(), uid=_text())
_RULES: Final = _list(
    _object(
        "What is allowed.",
        required="verbs",
        verbs=_texts(),
        apiGroups=_texts(),
        resources=_texts(),
        resourceNames=_texts(),
        nonResourceURLs=_texts(),
    ),
    "All that the role allows.",
)
_BINDING: Final = _object(
    "Gives a role to subjects.",
    required="roleRef",
    roleRef=_object("The role.", required="kind name", kind=_text(), name=_text()),
    subjects=_list(
        _object("Who.", required="kind name", kind=_text(), name=_text(), namespace=_text())
    ),
)
_MATCH: Final = _object(
    "Which writes are looked at.",
    resourceRules=_list(
        _object(apiGroups=_texts(), apiVersions=_texts(), operations=_texts(), resources=_texts())
    ),
    excludeResourceRules=_list(_object()),
)
_EXPRESSIONS: Final = _list(_object(required="expression", expression=_text(), name=_text()))

_KINDS: Final[dict[str, Schema]] = {
    "Pod": _POD,
    "Namespace": _object("A scope for names."),
    "ConfigMap": _object(
        "Configuration for pods to read.",
        data=_map("Keys and their text."),
        binaryData=_map("Keys and their bytes, as base64."),
    ),
    "Secret": _object(
        "Something that not everybody may read.",
        data=_map("Keys and their bytes, as base64."),
        stringData=_map("Keys and their text; write only."),
        type=_text("What the keys mean."),
    ),
    "ServiceAccount": _object("A name that programs act under."),
    "Event": _object(
        "Something that happened to an object.",
        involvedObject=_REFERENCE,
        regarding=_REFERENCE,
        reason=_text("Why, as one word."),
        message=_text("What happened, for people."),
        note=_text("What happened, for people."),
        type=_text("Normal or Warning."),
        action=_text("What was done."),
        eventTime=_text("When it was first seen."),
        lastTimestamp=_text("When it was last seen."),
        reportingComponent=_text("Who says so."),
        reportingInstance=_text("Which one of them."),
        count=_integer("How often."),
        series=_object("How often, and when last.", count=_integer(), lastObservedTime=_text()),
    ),
    "Lease": _object(
        "Who holds something, and until when.",
        spec=_object(
            "The lease.",
            holderIdentity=_text("Who holds it."),
            leaseDurationSeconds=_integer("How long, without a renewal."),
            acquireTime=_text("Since when."),
            renewTime=_text("When it was last renewed."),
            leaseTransitions=_integer("How often it changed hands."),
        ),
    ),
    "CustomResourceDefinition": _object(
        "A kind of object.",
        required="spec",
        spec=_object(
            "The kind.",
            group=_text(),
            scope=_text(),
            names=_object(plural=_text(), kind=_text(), shortNames=_texts(), categories=_texts()),
            versions=_list(
                _object(
                    name=_text(),
                    schema=_object(openAPIV3Schema=_object()),
                    subresources=_object(),
                    selectableFields=_list(_object(required="jsonPath", jsonPath=_text())),
                    additionalPrinterColumns=_list(
                        _object(
                            required="name type jsonPath",
                            name=_text(),
                            type=_text(),
                            jsonPath=_text(),
                        )
                    ),
                )
            ),
        ),
    ),
    "ValidatingAdmissionPolicy": _object(
        "Rules that a write must pass.",
        required="spec",
        spec=_object(
            "The rules.",
            required="matchConstraints",
            matchConstraints=_MATCH,
            matchConditions=_EXPRESSIONS,
            variables=_EXPRESSIONS,
            validations=_EXPRESSIONS,
            failurePolicy=_text(),
        ),
    ),
    "ValidatingAdmissionPolicyBinding": _object(
        "Puts a policy into force.",
        required="spec",
        spec=_object(
            required="policyName validationActions",
            policyName=_text(),
            validationActions=_texts(),
            matchResources=_MATCH,
        ),
    ),
    "Role": _object("What is allowed in a namespace.", rules=_RULES),
    "ClusterRole": _object("What is allowed everywhere.", rules=_RULES),
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
}


def of_kind(kind: str) -> Schema:
    """Return the schema of a built-in kind."""
    return _KINDS.get(kind) or _object(f"A {kind}.")
