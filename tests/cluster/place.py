"""Where the test cluster keeps its files and which addresses it uses, all of this machine alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "tools"

# What is dear to make and good for any later run: binaries, image layers.
CACHE = Path(os.environ.get("PODBOOK_CLUSTER_CACHE", Path.home() / ".cache" / "podbook"))

# What one running cluster needs; removed when it stops. Only one can run: the addresses are fixed.
STATE = Path("/var/tmp/podbook-cluster")
LOGS = STATE / "logs"
CERTIFICATES = STATE / "certificates"
KUBECONFIG = STATE / "admin.kubeconfig"
AUDIT_LOG = STATE / "audit.log"
PIDS = STATE / "pids.json"
READY = STATE / "ready"
KEEPER = STATE / "keeper.pid"
KEEPER_LOG = CACHE / "cluster.log"

# 198.18.0.0/15 is reserved for tests of network devices: no one else's traffic has these addresses.
HOST = "198.18.0.1"
HOST_NET = "198.18.0.0/16"
POD_NET = "198.18.1.0/24"
SERVICE_NET = "198.19.0.0/16"
FIRST_SERVICE = "198.19.0.1"
API_URL = f"https://{HOST}:6443"
ETCD_URL = "http://127.0.0.1:23790"
ETCD_PEER_URL = "http://127.0.0.1:23800"

HOST_BRIDGE = "podbook-host"
POD_BRIDGE = "podbook-pods"
POD_NETWORK = "podbook-pods"
CGROUP = "podbook-cluster"
NODE = "podbook-node"
CONTAINERD_SOCKET = STATE / "containerd.sock"


@contextmanager
def only_writer() -> Iterator[None]:
    """Be the only one that builds into the cache; wait for another to finish."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
