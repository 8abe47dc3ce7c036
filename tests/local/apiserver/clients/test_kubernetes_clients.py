"""The official Python client, sync and aio, against the embedded cluster."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import kubernetes.aio.client
import kubernetes.aio.config
import kubernetes.aio.watch
import kubernetes.client
import kubernetes.config
import kubernetes.watch
import pytest
import pytest_asyncio

from rig.embedded import EmbeddedCluster
from rig.kube_client import unique
from rig.widgets import API_VERSION, GROUP, PLURAL, a_widget

_WHERE: Any = {"group": GROUP, "version": "v1", "namespace": "default", "plural": PLURAL}


@pytest.fixture
def client(cluster: EmbeddedCluster) -> Iterator[Any]:
    configuration = kubernetes.client.Configuration()
    kubernetes.config.load_kube_config(str(cluster.kubeconfig), client_configuration=configuration)
    with kubernetes.client.ApiClient(configuration) as client:
        yield client


@pytest_asyncio.fixture
async def aio(cluster: EmbeddedCluster) -> AsyncIterator[Any]:
    configuration = kubernetes.aio.client.Configuration()
    await kubernetes.aio.config.load_kube_config(
        str(cluster.kubeconfig), client_configuration=configuration
    )
    async with kubernetes.aio.client.ApiClient(configuration) as client:
        yield client


def _a_pod(name: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": {"of": name}},
        "spec": {"containers": [{"name": "main", "image": "nothing:1"}]},
    }


def test_pods_are_made_listed_watched_and_deleted(client: Any) -> None:
    core: Any = kubernetes.client.CoreV1Api(client)
    name = unique("p")

    made = core.create_namespaced_pod("default", _a_pod(name))
    listed = core.list_namespaced_pod("default", label_selector=f"of={name}")
    core.patch_namespaced_pod_status(name, "default", {"status": {"phase": "Running"}})
    core.delete_namespaced_pod(name, "default", grace_period_seconds=0)
    events = [
        (event["type"], event["object"].status.phase)
        for event in kubernetes.watch.Watch().stream(
            core.list_namespaced_pod,
            "default",
            label_selector=f"of={name}",
            resource_version=made.metadata.resource_version,
            timeout_seconds=1,
        )
    ]

    assert [pod.metadata.name for pod in listed.items] == [name]
    assert listed.items[0].spec.termination_grace_period_seconds == 30
    assert events == [("MODIFIED", "Running"), ("DELETED", "Running")]


def test_custom_objects_are_read_and_written(client: Any) -> None:
    custom: Any = kubernetes.client.CustomObjectsApi(client)
    name = unique("w")
    custom.create_namespaced_custom_object(**_WHERE, body=a_widget(name))

    patched = custom.patch_namespaced_custom_object_status(
        **_WHERE, name=name, body={"status": {"phase": "Running"}}
    )
    listed = custom.list_namespaced_custom_object(
        **_WHERE, field_selector=f"metadata.name={name},status.phase=Running"
    )

    assert patched["status"]["phase"] == "Running"
    assert [item["metadata"]["name"] for item in listed["items"]] == [name]


def test_an_error_carries_its_status(client: Any) -> None:
    core: Any = kubernetes.client.CoreV1Api(client)

    with pytest.raises(kubernetes.client.ApiException) as caught:
        core.read_namespaced_pod("nothing", "default")

    assert caught.value.status == 404
    assert json.loads(caught.value.body or "")["reason"] == "NotFound"


def test_definitions_and_access_are_typed(client: Any) -> None:
    extensions: Any = kubernetes.client.ApiextensionsV1Api(client)
    authorization: Any = kubernetes.client.AuthorizationV1Api(client)
    review = kubernetes.client.V1SelfSubjectAccessReview(
        spec=kubernetes.client.V1SelfSubjectAccessReviewSpec(
            resource_attributes=kubernetes.client.V1ResourceAttributes(
                verb="get", resource="pods", namespace="default"
            )
        )
    )

    names = [item.metadata.name for item in extensions.list_custom_resource_definition().items]
    assert f"{PLURAL}.{GROUP}" in names
    assert authorization.create_self_subject_access_review(review).status.allowed is True
    assert kubernetes.client.VersionApi(client).get_code().git_version.startswith("v1.")


def test_the_dynamic_client_finds_its_way(client: Any) -> None:
    import kubernetes.dynamic

    dynamic: Any = kubernetes.dynamic.DynamicClient(client)
    widgets = dynamic.resources.get(api_version=API_VERSION, kind="Widget")
    name = unique("w")
    widgets.create(body=a_widget(name), namespace="default")

    assert widgets.get(name=name, namespace="default").spec.size == 2


async def test_aio_makes_patches_and_watches(aio: Any) -> None:
    custom: Any = kubernetes.aio.client.CustomObjectsApi(aio)
    name = unique("w")
    made = await custom.create_namespaced_custom_object(**_WHERE, body=a_widget(name))
    version = made["metadata"]["resourceVersion"]
    await custom.patch_namespaced_custom_object_status(
        **_WHERE,
        name=name,
        body=[
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": {"phase": "Running"}},
        ],
        _content_type="application/json-patch+json",
    )
    seen = []
    watch: Any = kubernetes.aio.watch.Watch()
    async with asyncio.timeout(20):
        async for event in watch.stream(
            custom.list_namespaced_custom_object,
            **_WHERE,
            field_selector=f"metadata.name={name}",
            resource_version=version,
        ):
            seen.append((event["type"], event["object"]["status"]["phase"]))
            break
    await watch.close()

    assert seen == [("MODIFIED", "Running")]


async def test_aio_leads_by_a_lease(aio: Any) -> None:
    coordination: Any = kubernetes.aio.client.CoordinationV1Api(aio)
    name = unique("l")
    spec = {
        "holderIdentity": "me",
        "leaseDurationSeconds": 15,
        "renewTime": "2026-01-02T03:04:05.678901Z",
    }
    await coordination.create_namespaced_lease(
        "default", {"metadata": {"name": name}, "spec": spec}
    )

    lease = await coordination.read_namespaced_lease(name, "default")
    lease.spec.holder_identity = "you"
    await coordination.replace_namespaced_lease(name, "default", lease)

    again = await coordination.read_namespaced_lease(name, "default")
    assert again.spec.holder_identity == "you"
    assert again.spec.renew_time.microsecond == 678901
