"""Every string and limit that two parts have to agree on."""

import hashlib
import re
from typing import Final

GROUP: Final = "podbook.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"

NOTEBOOK_KIND: Final = "Notebook"
NOTEBOOK_PLURAL: Final = "notebooks"
EXECUTION_KIND: Final = "NotebookExecution"
EXECUTION_PLURAL: Final = "notebookexecutions"

# Set by the operator on the pod. The value is the execution's uid: the operator selects on it in
# its pod watch, the intake compares it with the pod that a token is bound to.
EXECUTION_LABEL: Final = f"{GROUP}/execution"
# Set by the operator on the pod; the intake reads which attempt a pod is.
ATTEMPT_LABEL: Final = f"{GROUP}/attempt"
# Set by the operator on the pod: a label value may not hold every name that an execution may have.
EXECUTION_NAME_ANNOTATION: Final = f"{GROUP}/execution-name"
# Set by the operator on the pod where the caller pinned no content; read by the intake.
NOTEBOOK_DIGEST_ANNOTATION: Final = f"{GROUP}/notebook-digest"
# Set by the operator on the pod: the Notebook resource whose slots it counts against.
NOTEBOOK_ANNOTATION: Final = f"{GROUP}/notebook"
# Set by the operator on the pod and by the API on an execution, for people's selectors: the name of
# the Notebook resource, or what label_value makes of it. Nothing is decided by it.
NOTEBOOK_LABEL: Final = f"{GROUP}/notebook"
# Set by the API on an execution: hash of its parameters after defaults, for lists. A selector's
# help as well: what was asked for stands in the spec.
PARAMETERS_LABEL: Final = f"{GROUP}/parameters"
# Set by the API on an execution of a notebook with a cache: what calls have in common that may be
# given one answer, and which call made it. A selector's help: what is compared is the spec.
ANSWER_KEY_LABEL: Final = f"{GROUP}/answer-key"
REQUEST_LABEL: Final = f"{GROUP}/request"
# Hexadecimal digits of a SHA-256: a label holds 63 characters.
PARAMETERS_HASH_LENGTH: Final = 40
# Set by the API on the ControllerRevision that keeps a notebook's version; the operator selects
# on it.
VERSION_LABEL: Final = f"{GROUP}/version-of"
# Set on a Notebook by the folder's loader of `podbook up`: which folder it is of. That loader
# changes only what has its folder's own mark.
FOLDER_LABEL: Final = f"{GROUP}/folder"
# Set by the API on a Notebook that was pushed: by whom it is managed, and its versions as JSON.
MANAGED_BY_ANNOTATION: Final = f"{GROUP}/managed-by"
VERSIONS_ANNOTATION: Final = f"{GROUP}/versions"
# Set on a Notebook by whoever pushed it: the catalog that it belongs to. A push, a prune and a list
# of versions see the notebooks of their own catalog only.
CATALOG_LABEL: Final = f"{GROUP}/catalog"
CATALOG_NAME_PATTERN: Final = r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
# Set by the operator on a pod that was made before anybody called, and kept when it is given to an
# execution: what leaves a selector would look deleted. Until then EXECUTION_LABEL is empty.
WARM_LABEL: Final = f"{GROUP}/warm"
WARM_IDLE: Final = "idle"
WARM_GIVEN: Final = "given"
# Set by the operator on a warm pod: hash of the manifest that a run of the notebook would have now.
WARM_POOL_ANNOTATION: Final = f"{GROUP}/warm-pool"
# Set on a Notebook by whoever wants its waiting pods made anew, to any value that it did not have:
# what a Secret says now reaches them at once.
WARM_FLUSH_ANNOTATION: Final = f"{GROUP}/warm-flush"
# Set by the operator with the execution: from here an attempt's clocks count.
GIVEN_AT_ANNOTATION: Final = f"{GROUP}/given-at"
# A pod's condition, set by the intake: whether what can be done before a call is done.
PREPARED_CONDITION: Final = f"{GROUP}/prepared"
# A notebook's conditions, set by the operator: it can be run; as many pods wait as are wanted.
READY_CONDITION: Final = "Ready"
WARM_CONDITION: Final = "Warm"
# Set by the operator on the pod, mounted by the downward API as the kernel's connection file.
CONNECTION_ANNOTATION: Final = f"{GROUP}/connection"
# Set by the API on an execution: digest of the request body that an Idempotency-Key came with.
REQUEST_DIGEST_ANNOTATION: Final = f"{GROUP}/request-digest"
# Set by the API on an execution: which surface it was submitted through.
SURFACE_ANNOTATION: Final = f"{GROUP}/surface"
# Set by the API on an execution: the lock of the environment that its notebook says it needs.
ENVIRONMENT_ANNOTATION: Final = f"{GROUP}/environment"
# Set by the API on an execution: when it was submitted (MicroTime; a creationTimestamp has whole
# seconds only), and the notebook's id, which outlives the Notebook.
SUBMITTED_ANNOTATION: Final = f"{GROUP}/submitted-at"
NOTEBOOK_ID_ANNOTATION: Final = f"{GROUP}/notebook-id"
# Set by the API on an execution: who asked for it, and for its end, as its own review of the caller
# found out. The policy lets nobody else write them: only who has this verb on executions.
CREATED_BY_ANNOTATION: Final = f"{GROUP}/created-by"
CANCELLED_BY_ANNOTATION: Final = f"{GROUP}/cancelled-by"
ATTRIBUTE_VERB: Final = "attribute"
# On notebooks: whoever makes an execution needs it for the notebook that it names, and for
# notebooks without a name where it brings one along. Asked by the policy and by the API.
EXECUTE_VERB: Final = "execute"
# Set by the API on an execution that runs another once more: the name of that one.
RERUN_OF_ANNOTATION: Final = f"{GROUP}/rerun-of"
# Set by the API on an execution: JSON list of the parameters that its contract calls secret.
SECRETS_ANNOTATION: Final = f"{GROUP}/secret-parameters"
# Set by the API on an execution: what is worth knowing of its parameters, as a JSON list of
# warnings. Whoever ends the execution puts them into its status.
WARNINGS_ANNOTATION: Final = f"{GROUP}/warnings"
# Set by the API on an execution that kubectl made, once it has ended: its uid. On another it shows
# that it is a copy of that one; read by the operator.
RAN_AS_ANNOTATION: Final = f"{GROUP}/ran-as"
# Set by the API on an execution of an inline notebook: the kernel's language.
LANGUAGE_ANNOTATION: Final = f"{GROUP}/language"
# Set by the API on an execution with a webhook: its absolute address, which the payload names.
URL_ANNOTATION: Final = f"{GROUP}/url"
# Set by the owner of a Secret that webhooks may be signed with; read by the operator.
WEBHOOK_LABEL: Final = f"{GROUP}/webhook"

# Set by the API on the cell that says why there is no more of a notebook; taken out by the runner.
EXPLANATION_TAG: Final = "podbook-explanation"

# Of a page, exactly as browsers say it: no path, no wildcard, no slash at the end.
ORIGIN_PATTERN: Final = r"https?://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?"

KERNEL_CONTAINER: Final = "kernel"
RUNNER_CONTAINER: Final = "runner"

# The audience of the token that a runner shows at the intake; the Kubernetes API refuses it.
TOKEN_AUDIENCE: Final = "podbook"

# Handed by the operator to the runner container. Paths are relative to the working folder, so
# that they hold on a node, where they are mounts, and on a laptop, where they are folders.
ENV_INTAKE_URL: Final = "PODBOOK_INTAKE_URL"
# PEM text: who vouches for the intake. It is no secret, and in a variable it needs no object in the
# namespace of each run.
ENV_INTAKE_CA: Final = "PODBOOK_INTAKE_CA"
ENV_TOKEN_FILE: Final = "PODBOOK_TOKEN_FILE"
ENV_CONNECTION_FILE: Final = "PODBOOK_CONNECTION_FILE"
ENV_TERMINATION_LOG: Final = "PODBOOK_TERMINATION_LOG"
# Seconds, for uploads after the last cell, and from a SIGTERM to the kill.
ENV_UPLOAD_SECONDS: Final = "PODBOOK_UPLOAD_SECONDS"
ENV_GRACE_SECONDS: Final = "PODBOOK_GRACE_SECONDS"
# Seconds that a kernel which listens may take to answer.
ENV_START_SECONDS: Final = "PODBOOK_START_SECONDS"
# Handed to the runner of a warm pod: what it prepares, and for how many seconds it waits.
ENV_WARM_LEVEL: Final = "PODBOOK_WARM_LEVEL"
ENV_WARM_SECONDS: Final = "PODBOOK_WARM_SECONDS"
# Handed to the kernel: where save_output writes its JSON.
ENV_OUTPUT: Final = "PODBOOK_OUTPUT"
# The type under which save_output shows what it saves; written by the SDK, read by the runner.
OUTPUT_TYPE: Final = "application/vnd.podbook.output+json"
# What the SDK notes in the schema of a shared model, and no validator reads: the class that makes
# its objects, and the method that does where a dict alone does not.
SCHEMA_NOTE_PREFIX: Final = "x-podbook-"
IMPORT_KEY: Final = f"{SCHEMA_NOTE_PREFIX}import"
JSON_ONLY_KEY: Final = f"{SCHEMA_NOTE_PREFIX}json-only"
# Set for Python kernels: the folder whose files become artifacts, wherever a cell changes to.
ENV_ARTIFACTS: Final = "PODBOOK_ARTIFACTS"

WORK_FOLDER: Final = "/work"
SOCKET_FOLDER: Final = "/work/.ipc"
SOCKET_PREFIX: Final = ".ipc/k"
INFO_FOLDER: Final = "/info"
TOKEN_FOLDER: Final = "/token"
RUNNER_FOLDER: Final = "/runner"
CONNECTION_FILE: Final = "../info/connection.json"
TOKEN_FILE: Final = "../token/token"
TERMINATION_FILE: Final = "../runner/termination"
# Below the work folder: output.json, and the package folder that is appended to sys.path.
KERNEL_FOLDER: Final = ".podbook"
# Files that a notebook leaves here, in its own folder, are uploaded.
ARTIFACTS_FOLDER: Final = "artifacts"

# The kubelet reads at most this much of a container's termination message.
TERMINATION_LIMIT: Final = 4096
# Larger outputs stand in the artifact store alone, with a reference in the status.
INLINE_OUTPUT_LIMIT: Final = 16 * 1024
# A notebook or parameters inside a resource: etcd takes 1.5 MiB, every watcher pays for each byte.
INLINE_NOTEBOOK_LIMIT: Final = 256 * 1024
PARAMETERS_LIMIT: Final = 256 * 1024
FILES_LIMIT: Final = 64 * 1024 * 1024
ATTEMPTS_LIMIT: Final = 16
# Seconds that anything may take, and that an ended execution may be kept: a year, and ten. Added
# to a date they stay in the calendar; all of a run's still are what a pod's deadline takes.
DURATION_LIMIT: Final = 31_536_000
RETENTION_LIMIT: Final = 315_360_000
MESSAGE_LIMIT: Final = 2048
# What a status lists of an output's violations: so many, and so many characters in all.
VIOLATIONS_LIMIT: Final = 20
VIOLATIONS_SIZE_LIMIT: Final = 8 * 1024
TRACEBACK_LIMIT: Final = 8 * 1024

NOTEBOOK_ARTIFACT: Final = "notebook.ipynb"
HTML_ARTIFACT: Final = "notebook.html"
REPORT_ARTIFACT: Final = "report.html"
OUTPUT_ARTIFACT: Final = "output.json"
EXCEPTION_ARTIFACT: Final = "exception.txt"
FILES_PREFIX: Final = "files/"

# Of every run pod's name; the admission policy about run pods looks at it.
POD_PREFIX: Final = "nbx-"
# Of a warm pod's, which is made for no execution.
WARM_POD_PREFIX: Final = f"{POD_PREFIX}warm-"

_LABEL_VALUE: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")


def label_value(name: str) -> str:
    """Return the name as the value of a label: one that does not fit is cut, and told apart.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    """
    if _LABEL_VALUE.fullmatch(name):
        return name
    kept = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:46].strip("-_.")
    return f"{kept}-{hashlib.sha256(name.encode()).hexdigest()[:16]}".lstrip("-")


def pod_name(execution_uid: str, attempt: int) -> str:
    """Return the name of an attempt's pod.

    It holds the uid, not the name: an execution that was deleted and made again must not meet
    its predecessor's pod, which may still be terminating.
    """
    return f"{POD_PREFIX}{execution_uid}-{attempt}"
