"""The node: containerd, kubelet, kube-proxy and the cluster's name server."""

import json
from collections.abc import Iterator

from tests.cluster import commands, control_plane, credentials, images, place
from tests.cluster.binaries import program
from tests.cluster.processes import Program

_CNI_PLUGINS = "/usr/lib/cni"
# Nothing listens there: a pull of an image that is not here fails at once, on this machine.
_NOWHERE = "http://127.0.0.1:9"


def runtime() -> Program:
    """Return containerd, which has to run before images can be brought in."""
    config = place.STATE / "containerd.toml"
    config.write_text(_containerd_config())
    _write_pod_network()
    return Program(
        "containerd",
        ("containerd", "--config", str(config)),
        is_ready=lambda: commands.succeeds("ctr", "-a", place.CONTAINERD_SOCKET, "version"),
        env={"HTTP_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE},
    )


def programs() -> Iterator[Program]:
    """Yield the other programs of the node in the order of their start."""
    yield _kubelet()
    yield _kube_proxy()
    yield _name_server()


def is_ready() -> bool:
    """Whether the node says of itself that it is ready."""
    condition = '{.status.conditions[?(@.type=="Ready")].status}'
    try:
        return control_plane.kubectl("get", "node", place.NODE, f"-ojsonpath={condition}") == "True"
    except commands.CommandFailed:
        return False


def _containerd_config() -> str:
    return f"""version = 2
root = "{place.STATE}/containerd"
state = "{place.STATE}/containerd-run"
[grpc]
  address = "{place.CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{images.PAUSE}"
  # The machine may not lower oom_score_adj; without this no sandbox starts.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "runc"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  Root = "{place.STATE}/runc"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{_CNI_PLUGINS}"
  conf_dir = "{place.STATE}/cni"
"""


def _write_pod_network() -> None:
    """Give pods routes to the cluster and no default route: nothing of theirs can leave."""
    folder = place.STATE / "cni"
    folder.mkdir()
    bridge = {
        "type": "bridge",
        "bridge": place.POD_BRIDGE,
        "isGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": {
            "type": "host-local",
            "dataDir": str(place.STATE / "cni-addresses"),
            "ranges": [[{"subnet": place.POD_NET}]],
            "routes": [{"dst": place.HOST_NET}, {"dst": place.SERVICE_NET}],
        },
    }
    network = {"cniVersion": "1.0.0", "name": place.POD_NETWORK, "plugins": [bridge]}
    (folder / "10-pods.conflist").write_text(json.dumps(network, indent=1))


def _kubelet() -> Program:
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": place.HOST,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(credentials.path("ca.crt"))},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(credentials.path("kubelet.crt")),
        "tlsPrivateKeyFile": str(credentials.path("kubelet.key")),
        "containerRuntimeEndpoint": f"unix://{place.CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{place.CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "evictionHard": {},
        # Else it leaves tables of iptables behind that nothing here needs.
        "makeIPTablesUtilChains": False,
        "imageGCHighThresholdPercent": 100,
        "resolvConf": "",
        "clusterDNS": [place.HOST],
        "clusterDomain": "cluster.local",
        "podLogsDir": str(place.STATE / "pod-logs"),
        "volumePluginDir": str(place.STATE / "volume-plugins"),
        # A lost node is noticed within seconds instead of minutes.
        "nodeLeaseDurationSeconds": 4,
        "nodeStatusUpdateFrequency": "2s",
    }
    file = place.STATE / "kubelet.json"
    file.write_text(json.dumps(config, indent=1))
    return Program(
        "kubelet",
        (
            str(program("kubelet")),
            f"--config={file}",
            f"--kubeconfig={credentials.kubeconfig('kubelet')}",
            f"--hostname-override={place.NODE}",
            f"--node-ip={place.HOST}",
            f"--root-dir={place.STATE / 'kubelet'}",
            f"--cert-dir={place.CERTIFICATES}",
        ),
        is_ready=is_ready,
    )


def _kube_proxy() -> Program:
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(credentials.kubeconfig("kube-proxy"))},
        "hostnameOverride": place.NODE,
        "bindAddress": place.HOST,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "nodePortAddresses": [place.HOST_NET],
        "conntrack": {"maxPerCore": 0, "min": 0},
        # Pods that call each other by a Service share one bridge: the answer must come back here.
        "nftables": {"masqueradeAll": True},
    }
    file = place.STATE / "kube-proxy.json"
    file.write_text(json.dumps(config, indent=1))
    return Program("kube-proxy", (str(program("kube-proxy")), f"--config={file}"))


def _name_server() -> Program:
    """Return CoreDNS, which knows the cluster and asks no one else."""
    file = place.STATE / "Corefile"
    file.write_text(
        f""".:53 {{
  bind {place.HOST}
  errors
  kubernetes cluster.local {{
    kubeconfig {credentials.kubeconfig("coredns")}
  }}
}}
"""
    )
    return Program("coredns", (str(program("coredns")), "-conf", str(file)))
