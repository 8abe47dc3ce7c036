"""From an execution to the manifest of an attempt's pod.

Pod Security "restricted", always: https://kubernetes.io/docs/concepts/security/pod-security-standards/
pod_state.py reads back what becomes of it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds import names
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Resources, Runtime
from podbook_operator.config import OperatorConfig
from podbook_operator.pod import labels, volumes
from podbook_operator.rules.effective_spec import Terms

Manifest = dict[str, Any]

# The sockets are 0755: another uid could not connect, and zmq would retry for ever without a word.
DEFAULT_UID: Final = 1000


@dataclass(frozen=True, slots=True)
class Site:
    """Where pods are made: what is the same for every one of them."""

    intake_url: str
    runner_image: str
    kernel_image: str
    # False on a laptop: HOME, TMPDIR and /dev/shm are the machine's own.
    own_home: bool = True
    # PEM text of who vouches for the intake; empty where it speaks without TLS. Asked for each pod,
    # since it is renewed.
    intake_ca: Callable[[], str] = str


def build(
    execution: Execution,
    terms: Terms,
    *,
    attempt: int,
    site: Site,
    config: OperatorConfig,
) -> Manifest:
    """Return the manifest of one attempt."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": names.pod_name(execution.uid, attempt),
            "namespace": execution.namespace,
            "labels": {
                **labels.of_pod(terms.notebook, config.pod_labels, terms.runtime.pod_labels),
                names.EXECUTION_LABEL: execution.uid,
                names.ATTEMPT_LABEL: str(attempt),
            },
            "annotations": {
                **labels.annotations_of_pod(config.pod_annotations, terms.runtime.pod_annotations),
                **_annotations(execution, terms),
            },
            "ownerReferences": [_owner(execution)],
        },
        "spec": _spec(terms, site=site, config=config),
    }


def _annotations(execution: Execution, terms: Terms) -> dict[str, str]:
    annotations = {
        names.EXECUTION_NAME_ANNOTATION: execution.name,
        names.NOTEBOOK_ANNOTATION: terms.notebook,
        names.CONNECTION_ANNOTATION: _connection(terms.runtime),
    }
    if terms.digest is not None:
        annotations[names.NOTEBOOK_DIGEST_ANNOTATION] = terms.digest
    return annotations


def _connection(runtime: Runtime) -> str:
    """The kernel's connection file. The key is empty: whoever reaches the sockets is in the pod."""
    ports = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]
    connection = {
        "transport": "ipc",
        "ip": names.SOCKET_PREFIX,
        **{port: number for number, port in enumerate(ports, start=1)},
        "key": "",
        "signature_scheme": "hmac-sha256",
        "kernel_name": runtime.kernel or runtime.language,
    }
    return json.dumps(connection)


def _owner(execution: Execution) -> Manifest:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "name": execution.name,
        "uid": execution.uid,
        "controller": True,
        # True would need the right to update finalizers where the API server enforces that.
        "blockOwnerDeletion": False,
    }


def _spec(terms: Terms, *, site: Site, config: OperatorConfig) -> Manifest:
    runtime = terms.runtime
    grace = config.termination_grace_seconds
    backstop = terms.start_timeout_seconds + terms.deadline_seconds + config.upload_seconds + grace
    return {
        **config.pod_template,
        "restartPolicy": "Never",
        "activeDeadlineSeconds": backstop,
        "terminationGracePeriodSeconds": grace,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": _pod_security(runtime, config),
        # The kernel first: its image is the one whose pull takes long.
        "containers": [
            _kernel(terms, site=site, config=config),
            _runner(terms, site=site, config=config),
        ],
        "volumes": volumes.of_pod(runtime, own_home=site.own_home),
        **_placement(runtime, config),
    }


def _placement(runtime: Runtime, config: OperatorConfig) -> Manifest:
    """Return what the runtime says about accounts and nodes, without what it leaves open.

    Nodes are chosen by both: a notebook cannot leave those that the release names.
    """
    template = config.pod_template
    said = {
        "serviceAccountName": runtime.service_account_name,
        "runtimeClassName": runtime.runtime_class_name,
        "nodeSelector": {**runtime.node_selector, **template.get("nodeSelector", {})},
        "tolerations": [*template.get("tolerations", []), *runtime.tolerations],
        "imagePullSecrets": [{"name": name} for name in runtime.image_pull_secrets],
    }
    return {key: value for key, value in said.items() if value}


def _kernel(terms: Terms, *, site: Site, config: OperatorConfig) -> Manifest:
    runtime = terms.runtime
    env = {names.ENV_OUTPUT: f"{names.KERNEL_FOLDER}/output.json"}
    if site.own_home:
        env |= volumes.KERNEL_HOME_ENV
    own = [variable.to_wire() for variable in runtime.env]
    return _container(
        names.KERNEL_CONTAINER,
        image=runtime.image or site.kernel_image,
        config=config,
        read_only=runtime.read_only_root_filesystem,
    ) | {
        "command": list(terms.command),
        "env": [*_env(env), *own],
        "envFrom": [{"secretRef": {"name": name}} for name in runtime.env_from],
        "resources": _resources(config.kernel_resources, runtime.resources),
        "volumeMounts": volumes.of_kernel(runtime, own_home=site.own_home),
    }


def _runner(terms: Terms, *, site: Site, config: OperatorConfig) -> Manifest:
    env = {
        names.ENV_INTAKE_URL: site.intake_url,
        names.ENV_TOKEN_FILE: names.TOKEN_FILE,
        names.ENV_CONNECTION_FILE: names.CONNECTION_FILE,
        names.ENV_TERMINATION_LOG: names.TERMINATION_FILE,
        names.ENV_UPLOAD_SECONDS: str(config.upload_seconds),
        names.ENV_GRACE_SECONDS: str(config.termination_grace_seconds),
        names.ENV_START_SECONDS: str(terms.start_timeout_seconds),
    }
    if authority := site.intake_ca():
        env[names.ENV_INTAKE_CA] = authority
    if site.own_home:
        env |= volumes.RUNNER_HOME_ENV
    return _container(
        names.RUNNER_CONTAINER, image=site.runner_image, config=config, read_only=True
    ) | {
        "command": ["podbook-runner"],
        "env": _env(env),
        "terminationMessagePath": f"{names.RUNNER_FOLDER}/termination",
        "resources": config.runner_resources.to_wire(),
        "volumeMounts": volumes.of_runner(),
    }


def _container(name: str, *, image: str, config: OperatorConfig, read_only: bool) -> Manifest:
    container: Manifest = {
        "name": name,
        "image": image,
        "workingDir": names.WORK_FOLDER,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": read_only,
        },
    }
    if config.image_pull_policy is not None:
        container["imagePullPolicy"] = config.image_pull_policy
    return container


def _pod_security(runtime: Runtime, config: OperatorConfig) -> Manifest:
    uid = runtime.run_as_user or (None if config.namespace_uids else DEFAULT_UID)
    named = {} if uid is None else {"runAsUser": uid, "runAsGroup": uid, "fsGroup": uid}
    return {"runAsNonRoot": True, **named, "seccompProfile": {"type": "RuntimeDefault"}}


def _resources(defaults: Resources, own: Resources) -> Manifest:
    """A limit below the default request would be refused: a request follows the limit then."""
    limits = {**defaults.limits, **own.limits}
    inherited = {k: v for k, v in defaults.requests.items() if k not in own.limits}
    requests = {**inherited, **own.requests}
    return Resources(requests=requests, limits=limits).to_wire()


def _env(variables: dict[str, str]) -> list[Manifest]:
    return [{"name": name, "value": value} for name, value in variables.items()]
