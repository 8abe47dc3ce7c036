"""A small certificate authority for one cluster, and a kubeconfig for each of its parts."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import commands, place


@dataclass(frozen=True)
class Identity:
    """A certificate: the file's name, who it is, and the names and addresses that it serves."""

    name: str
    user: str
    group: str = ""
    serves: tuple[str, ...] = ()


IDENTITIES = (
    Identity(
        "apiserver",
        "kube-apiserver",
        serves=(
            f"IP:{place.HOST}",
            f"IP:{place.FIRST_SERVICE}",
            "DNS:kubernetes",
            "DNS:kubernetes.default",
            "DNS:kubernetes.default.svc",
            "DNS:kubernetes.default.svc.cluster.local",
        ),
    ),
    Identity("apiserver-to-kubelet", "apiserver-to-kubelet", "system:masters"),
    Identity("admin", "admin", "system:masters"),
    Identity("controller-manager", "system:kube-controller-manager"),
    Identity("scheduler", "system:kube-scheduler"),
    Identity(
        "kubelet",
        f"system:node:{place.NODE}",
        "system:nodes",
        serves=(f"IP:{place.HOST}", f"DNS:{place.NODE}"),
    ),
    Identity("kube-proxy", "system:kube-proxy"),
    Identity("coredns", "coredns", "system:masters"),
)


def issue() -> None:
    """Write the authority, every certificate and every kubeconfig of the cluster."""
    place.CERTIFICATES.mkdir(mode=0o700)
    _key(path("ca.key"))
    commands.run(
        *("openssl", "req", "-x509", "-new", "-key", path("ca.key"), "-days", "30"),
        *("-subj", "/CN=podbook-cluster", "-out", path("ca.crt")),
    )
    _key(path("service-accounts.key"))
    commands.run(
        *("openssl", "ec", "-in", path("service-accounts.key")),
        *("-pubout", "-out", path("service-accounts.pub")),
    )
    for identity in IDENTITIES:
        _certify(identity)
    for identity in IDENTITIES:
        _write_kubeconfig(identity.name, kubeconfig(identity.name))
    _write_kubeconfig("admin", place.KUBECONFIG)


def path(name: str) -> Path:
    """The file of that name among the certificates."""
    return place.CERTIFICATES / name


def kubeconfig(name: str) -> Path:
    """The kubeconfig of one part."""
    return place.CERTIFICATES / f"{name}.kubeconfig"


def _key(file: Path) -> None:
    commands.run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file)


def _certify(identity: Identity) -> None:
    key, request, extensions = (path(f"{identity.name}.{kind}") for kind in ("key", "csr", "ext"))
    _key(key)
    group = f"/O={identity.group}" if identity.group else ""
    subject = f"{group}/CN={identity.user}"
    commands.run("openssl", "req", "-new", "-key", key, "-subj", subject, "-out", request)
    names = f"subjectAltName={','.join(identity.serves)}\n" if identity.serves else ""
    extensions.write_text(f"extendedKeyUsage=clientAuth,serverAuth\n{names}")
    commands.run(
        *("openssl", "x509", "-req", "-in", request, "-days", "30"),
        *("-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-CAcreateserial"),
        *("-extfile", extensions, "-out", path(f"{identity.name}.crt")),
    )


def _write_kubeconfig(name: str, file: Path) -> None:
    """Write it as JSON, which is YAML too."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "podbook",
                "cluster": {
                    "server": place.API_URL,
                    "certificate-authority": str(path("ca.crt")),
                },
            }
        ],
        "users": [
            {
                "name": name,
                "user": {
                    "client-certificate": str(path(f"{name}.crt")),
                    "client-key": str(path(f"{name}.key")),
                },
            }
        ],
        "contexts": [{"name": "podbook", "context": {"cluster": "podbook", "user": name}}],
        "current-context": "podbook",
    }
    file.write_text(json.dumps(config, indent=1))
    file.chmod(0o600)
