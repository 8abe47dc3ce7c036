"""What all pods of this node share."""

from collections.abc import Mapping
from dataclasses import dataclass

from podbook_cluster.kubelet.client import ApiClient
from podbook_cluster.kubelet.container.containers import Containers
from podbook_cluster.kubelet.settings import KubeletSettings


@dataclass(frozen=True, slots=True)
class Node:
    """The node."""

    client: ApiClient
    containers: Containers
    settings: KubeletSettings
    # What every container's environment begins with.
    environment: Mapping[str, str]
