"""The kinds of objects that the server knows without being told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Column:
    """One column of `kubectl get`; `path` is a JSONPath below the object."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A kind of object: what its URLs, its lists and its tables are made from."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str = ""
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    has_status: bool = False
    subresources: tuple[str, ...] = ()
    columns: tuple[Column, ...] | None = None
    # What field selectors may ask for besides metadata.name and metadata.namespace.
    fields: tuple[str, ...] = ()
    # The structural schema of a custom resource; None for the built-in kinds.
    schema: Mapping[str, Any] | None = None
    list_kind: str = ""
    # The same objects under other names: events of the core group and of events.k8s.io.
    alias_of: "Resource | None" = None
    # A PUT without a resourceVersion is an unconditional update.
    unconditional_update: bool = True
    create_on_update: bool = False
    # DELETE answers with the object instead of a Status.
    returns_deleted: bool = False
    verbs: tuple[str, ...] = field(
        default=(
            "create",
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "update",
            "watch",
        )
    )

    @property
    def is_custom(self) -> bool:
        """Whether a CustomResourceDefinition made it."""
        return self.schema is not None

    @property
    def api_version(self) -> str:
        """What objects carry as `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The plural with its group, as error messages and the store name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def stored(self) -> "Resource":
        """The resource under whose name the objects are kept."""
        return self.alias_of or self

    @property
    def is_stored(self) -> bool:
        """Whether objects of it can be read back; reviews can't."""
        return "get" in self.verbs


_CREATE_ONLY: Final = ("create",)

NAMESPACES: Final = Resource(
    "",
    "v1",
    "namespaces",
    "Namespace",
    namespaced=False,
    short_names=("ns",),
    has_status=True,
    subresources=("finalize",),
    fields=("status.phase",),
    returns_deleted=True,
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
)
PODS: Final = Resource(
    "",
    "v1",
    "pods",
    "Pod",
    short_names=("po",),
    categories=("all",),
    has_status=True,
    subresources=("log", "binding"),
    fields=(
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
    ),
    returns_deleted=True,
)
# There are none, and none can be made: `kubectl cluster-info` asks for those that it names.
SERVICES: Final = Resource(
    "", "v1", "services", "Service", short_names=("svc",), verbs=("get", "list", "watch")
)
_EVENT_FIELDS: Final = (
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
)
EVENTS: Final = Resource(
    "",
    "v1",
    "events",
    "Event",
    short_names=("ev",),
    fields=_EVENT_FIELDS,
    create_on_update=True,
)
NEW_EVENTS: Final = Resource(
    "events.k8s.io",
    "v1",
    "events",
    "Event",
    short_names=("ev",),
    fields=("reason", "type"),
    create_on_update=True,
    alias_of=EVENTS,
)
CONFIG_MAPS: Final = Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",))
SECRETS: Final = Resource("", "v1", "secrets", "Secret", fields=("type",))
SERVICE_ACCOUNTS: Final = Resource(
    "",
    "v1",
    "serviceaccounts",
    "ServiceAccount",
    short_names=("sa",),
    subresources=("token",),
    returns_deleted=True,
)
LEASES: Final = Resource(
    "coordination.k8s.io",
    "v1",
    "leases",
    "Lease",
    unconditional_update=False,
    create_on_update=True,
)
CONTROLLER_REVISIONS: Final = Resource("apps", "v1", "controllerrevisions", "ControllerRevision")
CUSTOM_RESOURCE_DEFINITIONS: Final = Resource(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    has_status=True,
    unconditional_update=False,
)
POLICIES: Final = Resource(
    "admissionregistration.k8s.io",
    "v1",
    "validatingadmissionpolicies",
    "ValidatingAdmissionPolicy",
    singular="validatingadmissionpolicy",
    namespaced=False,
    categories=("api-extensions",),
    has_status=True,
)
POLICY_BINDINGS: Final = Resource(
    "admissionregistration.k8s.io",
    "v1",
    "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding",
    namespaced=False,
    categories=("api-extensions",),
)
ROLES: Final = Resource("rbac.authorization.k8s.io", "v1", "roles", "Role")
ROLE_BINDINGS: Final = Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding")
CLUSTER_ROLES: Final = Resource(
    "rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False
)
CLUSTER_ROLE_BINDINGS: Final = Resource(
    "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False
)
TOKEN_REVIEWS: Final = Resource(
    "authentication.k8s.io",
    "v1",
    "tokenreviews",
    "TokenReview",
    namespaced=False,
    verbs=_CREATE_ONLY,
)
SELF_SUBJECT_REVIEWS: Final = Resource(
    "authentication.k8s.io",
    "v1",
    "selfsubjectreviews",
    "SelfSubjectReview",
    namespaced=False,
    verbs=_CREATE_ONLY,
)
SUBJECT_ACCESS_REVIEWS: Final = Resource(
    "authorization.k8s.io",
    "v1",
    "subjectaccessreviews",
    "SubjectAccessReview",
    namespaced=False,
    verbs=_CREATE_ONLY,
)
LOCAL_SUBJECT_ACCESS_REVIEWS: Final = Resource(
    "authorization.k8s.io",
    "v1",
    "localsubjectaccessreviews",
    "LocalSubjectAccessReview",
    verbs=_CREATE_ONLY,
)
SELF_SUBJECT_ACCESS_REVIEWS: Final = Resource(
    "authorization.k8s.io",
    "v1",
    "selfsubjectaccessreviews",
    "SelfSubjectAccessReview",
    namespaced=False,
    verbs=_CREATE_ONLY,
)
SELF_SUBJECT_RULES_REVIEWS: Final = Resource(
    "authorization.k8s.io",
    "v1",
    "selfsubjectrulesreviews",
    "SelfSubjectRulesReview",
    namespaced=False,
    verbs=_CREATE_ONLY,
)

BUILT_IN: Final = (
    NAMESPACES,
    PODS,
    SERVICES,
    EVENTS,
    NEW_EVENTS,
    CONFIG_MAPS,
    SECRETS,
    SERVICE_ACCOUNTS,
    LEASES,
    CONTROLLER_REVISIONS,
    CUSTOM_RESOURCE_DEFINITIONS,
    POLICIES,
    POLICY_BINDINGS,
    ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
    TOKEN_REVIEWS,
    SELF_SUBJECT_REVIEWS,
    SUBJECT_ACCESS_REVIEWS,
    LOCAL_SUBJECT_ACCESS_REVIEWS,
    SELF_SUBJECT_ACCESS_REVIEWS,
    SELF_SUBJECT_RULES_REVIEWS,
)
