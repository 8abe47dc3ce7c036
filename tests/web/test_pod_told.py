"""Why a pod waits is read on the page of its run, by who has never seen a cluster."""

from playwright.sync_api import expect

from podbook_crds.ends.reasons import Reason
from podbook_crds.names import pod_name
from rig import api as apis
from tests.support.pages import Viewer
from tests.support.played import submitted

AT = "2026-11-22T12:00:00Z"


def test_what_the_cluster_tells_of_a_pod_stands_below_a_run_that_waits(viewer: Viewer) -> None:
    site, name = viewer.site, submitted(viewer.site)
    pod = pod_name(apis.resource(site.cluster, name)["metadata"]["uid"], 1)
    # No attempt is recorded before it was claimed.
    reason = Reason.UNSCHEDULABLE.value
    status = {"phase": "Queued", "reason": reason, "message": "no node has room"}
    apis.write_status(site.cluster, name, status)
    event = {
        "metadata": {"name": f"{pod}.1", "namespace": "default"},
        "involvedObject": {"kind": "Pod", "namespace": "default", "name": pod},
        "type": "Warning",
        "reason": "FailedScheduling",
        "message": "0/3 nodes are available: 3 Insufficient cpu. <b id=bold>",
        "firstTimestamp": AT,
        "lastTimestamp": AT,
        "count": 12,
        "source": {"component": "default-scheduler"},
    }
    code, answer = site.cluster.request("POST", "/api/v1/namespaces/default/events", event)
    assert code == 201, answer

    page = viewer.open(f"/executions/{name}")

    told = page.locator("details.pod li")
    expect(told).to_contain_text("FailedScheduling")
    expect(told).to_contain_text("12 times")
    expect(told).to_contain_text("3 Insufficient cpu. <b id=bold>")
    assert viewer.violations() == []
    viewer.picture(f"pod-events-{site.kind}")
