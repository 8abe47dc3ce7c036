"""The types of the fields of what governs a cluster: definitions, policies, roles, reviews."""

from typing import Final

from podbook_cluster.apiserver.schema.schema_terms import (
    Schema,
    fields,
    integer,
    items,
    text,
    texts,
    texts_by_name,
)

_RULES: Final = items(
    fields(
        "What is allowed.",
        required="verbs",
        verbs=texts(),
        apiGroups=texts(),
        resources=texts(),
        resourceNames=texts(),
        nonResourceURLs=texts(),
    ),
    "All that the role allows.",
)
_BINDING: Final = fields(
    "Gives a role to subjects.",
    required="roleRef",
    roleRef=fields("The role.", required="kind name", kind=text(), name=text()),
    subjects=items(
        fields("Who.", required="kind name", kind=text(), name=text(), namespace=text())
    ),
)
_RESOURCE_RULES: Final = items(
    fields(
        apiGroups=texts(),
        apiVersions=texts(),
        operations=texts(),
        resources=texts(),
        resourceNames=texts(),
    )
)
_SELECTOR: Final = fields(
    matchLabels=texts_by_name(),
    matchExpressions=items(
        fields(
            required="key operator",
            key=text(),
            operator={**text(), "enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
            values=texts(),
        )
    ),
)
_MATCH: Final = fields(
    "Which writes are looked at.",
    resourceRules=_RESOURCE_RULES,
    excludeResourceRules=_RESOURCE_RULES,
    namespaceSelector=_SELECTOR,
    objectSelector=_SELECTOR,
)
_EXPRESSIONS: Final = items(fields(required="expression", expression=text(), name=text()))
_ACCESS_REVIEW: Final = fields(
    "Asks whether somebody may do something.",
    spec=fields(
        "Who, and what.",
        user=text(),
        groups=texts(),
        uid=text(),
        extra={"type": "object", "additionalProperties": texts()},
        resourceAttributes=fields(
            verb=text(),
            group=text(),
            resource=text(),
            subresource=text(),
            namespace=text(),
            name=text(),
        ),
        nonResourceAttributes=fields(verb=text(), path=text()),
    ),
)
DELETE_OPTIONS: Final = fields(
    "How an object is to be deleted.",
    gracePeriodSeconds=integer(),
    preconditions=fields(uid=text(), resourceVersion=text()),
    propagationPolicy=text(),
    orphanDependents={"type": "boolean"},
    dryRun=texts(),
)

KINDS: Final[dict[str, Schema]] = {
    "CustomResourceDefinition": fields(
        "A kind of object.",
        required="spec",
        status=fields("Whether it is served.", conditions=items(fields())),
        spec=fields(
            "The kind.",
            group=text(),
            scope=text(),
            names=fields(
                plural=text(),
                singular=text(),
                kind=text(),
                listKind=text(),
                shortNames=texts(),
                categories=texts(),
            ),
            versions=items(
                fields(
                    required="name",
                    name=text(),
                    schema=fields(openAPIV3Schema=fields()),
                    subresources=fields(status=fields()),
                    selectableFields=items(fields(required="jsonPath", jsonPath=text())),
                    additionalPrinterColumns=items(
                        fields(
                            required="name type jsonPath",
                            name=text(),
                            type=text(),
                            jsonPath=text(),
                        )
                    ),
                )
            ),
        ),
    ),
    "ValidatingAdmissionPolicy": fields(
        "Rules that a write must pass.",
        required="spec",
        spec=fields(
            "The rules.",
            required="matchConstraints",
            matchConstraints=_MATCH,
            matchConditions=_EXPRESSIONS,
            variables=_EXPRESSIONS,
            validations=_EXPRESSIONS,
            failurePolicy=text(),
        ),
    ),
    "ValidatingAdmissionPolicyBinding": fields(
        "Puts a policy into force.",
        required="spec",
        spec=fields(
            required="policyName validationActions",
            policyName=text(),
            validationActions=texts(),
            matchResources=_MATCH,
        ),
    ),
    "TokenRequest": fields(
        "Asks for a token of a service account.",
        spec=fields(
            "The token.",
            audiences=texts(),
            expirationSeconds=integer(),
            boundObjectRef=fields(kind=text(), name=text(), uid=text()),
        ),
    ),
    "TokenReview": fields(
        "Asks whose a token is.", spec=fields("The token.", token=text(), audiences=texts())
    ),
    "SubjectAccessReview": _ACCESS_REVIEW,
    "LocalSubjectAccessReview": _ACCESS_REVIEW,
    "SelfSubjectAccessReview": _ACCESS_REVIEW,
    "SelfSubjectRulesReview": fields(
        "Asks for all that one may do.", spec=fields("Where.", namespace=text())
    ),
    "Role": fields("What is allowed in a namespace.", rules=_RULES),
    "ClusterRole": fields("What is allowed everywhere.", rules=_RULES),
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
}
