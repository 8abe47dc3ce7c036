"""etcd, the API server, the controllers and the scheduler: their command lines."""

import json
import os
from collections.abc import Iterator
from typing import Any

from tests.cluster import commands, credentials, place
from tests.cluster.binaries import program
from tests.cluster.processes import Program

_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


# Requests a second that controllers and scheduler may make; theirs by default are 20 and 50, which
# is what a burst of runs waits for first.
_QPS = os.environ.get("PODBOOK_CLUSTER_QPS")


def programs() -> Iterator[Program]:
    """Yield the programs in the order of their start."""
    yield _etcd()
    yield _api_server()
    yield _controller_manager()
    yield _scheduler()


def kubectl(*arguments: str, stdin: str | None = None) -> str:
    """Ask the cluster as its administrator."""
    config = ("--kubeconfig", place.KUBECONFIG)
    return commands.run(program("kubectl"), *config, *arguments, stdin=stdin)


def apply(resource: dict[str, Any]) -> None:
    """Create the resource, or change it to this."""
    kubectl("apply", "-f", "-", stdin=json.dumps(resource))


def is_ready() -> bool:
    """Whether the API server answers and says that it is ready."""
    config = ("--kubeconfig", str(place.KUBECONFIG), "--request-timeout=5s")
    return commands.succeeds(program("kubectl"), *config, "get", "--raw", "/readyz")


def _etcd() -> Program:
    return Program(
        "etcd",
        (
            str(program("etcd")),
            f"--data-dir={place.STATE / 'etcd'}",
            f"--listen-client-urls={place.ETCD_URL}",
            f"--advertise-client-urls={place.ETCD_URL}",
            f"--listen-peer-urls={place.ETCD_PEER_URL}",
            f"--initial-advertise-peer-urls={place.ETCD_PEER_URL}",
            f"--initial-cluster=default={place.ETCD_PEER_URL}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ),
    )


def _api_server() -> Program:
    policy = place.STATE / "audit-policy.json"
    policy.write_text(json.dumps(_AUDIT_POLICY))
    file = credentials.path
    return Program(
        "kube-apiserver",
        (
            str(program("kube-apiserver")),
            f"--etcd-servers={place.ETCD_URL}",
            f"--bind-address={place.HOST}",
            f"--advertise-address={place.HOST}",
            f"--service-cluster-ip-range={place.SERVICE_NET}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            # Without a gate from 1.36 on: the chart's policy that says who made an execution.
            "--feature-gates=MutatingAdmissionPolicy=true",
            "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
            "--allow-privileged=true",
            f"--client-ca-file={file('ca.crt')}",
            f"--tls-cert-file={file('apiserver.crt')}",
            f"--tls-private-key-file={file('apiserver.key')}",
            f"--kubelet-certificate-authority={file('ca.crt')}",
            f"--kubelet-client-certificate={file('apiserver-to-kubelet.crt')}",
            f"--kubelet-client-key={file('apiserver-to-kubelet.key')}",
            # Else logs and exec look the node's name up.
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={file('service-accounts.pub')}",
            f"--service-account-signing-key-file={file('service-accounts.key')}",
            f"--audit-policy-file={policy}",
            f"--audit-log-path={place.AUDIT_LOG}",
            # A lost node is noticed within seconds instead of minutes.
            "--default-not-ready-toleration-seconds=3",
            "--default-unreachable-toleration-seconds=3",
        ),
        is_ready=is_ready,
        # It waits a minute for open watches.
        patience=0,
    )


def _controller_manager() -> Program:
    return Program(
        "kube-controller-manager",
        (
            str(program("kube-controller-manager")),
            f"--kubeconfig={credentials.kubeconfig('controller-manager')}",
            "--bind-address=127.0.0.1",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
            f"--service-account-private-key-file={credentials.path('service-accounts.key')}",
            # Else pods wait for their kube-root-ca.crt.
            f"--root-ca-file={credentials.path('ca.crt')}",
            "--node-monitor-period=1s",
            "--node-monitor-grace-period=8s",
            *_client_limits(),
        ),
    )


def _scheduler() -> Program:
    return Program(
        "kube-scheduler",
        (
            str(program("kube-scheduler")),
            f"--kubeconfig={credentials.kubeconfig('scheduler')}",
            "--bind-address=127.0.0.1",
            "--leader-elect=false",
            *_client_limits(),
        ),
    )


def _client_limits() -> tuple[str, ...]:
    return (f"--kube-api-qps={_QPS}", f"--kube-api-burst={2 * int(_QPS)}") if _QPS else ()
