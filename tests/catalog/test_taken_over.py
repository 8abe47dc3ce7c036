"""A rendered folder is applied over notebooks that were pushed."""

from pathlib import Path
from typing import Any

import yaml

from podbook_crds import names
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.catalog.test_ship import TEXT, Team, served


def applied(cluster: EmbeddedCluster, resource: dict[str, Any]) -> int:
    """Apply it as Argo CD and Flux do."""
    name = resource["metadata"]["name"]
    path = f"/apis/{names.API_VERSION}/namespaces/default/{names.NOTEBOOK_PLURAL}/{name}"
    query = "?fieldManager=argocd-controller&force=true"
    status, _ = cluster.request(
        "PATCH", path + query, resource, content_type="application/apply-patch+yaml"
    )
    return int(status)


def test_what_was_pushed_is_then_as_the_folder_is(
    api: RunningApi, cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    team = Team(tmp_path / "team", api, "taken-over")
    team.put("taken", input={**TEXT, "required": ["x"]}, output=TEXT)
    team.told("push")
    team.put("taken", "2", input={"type": "object", "properties": {"y": {}}})
    (rendered,) = yaml.safe_load_all(team.types("render", ".", url=False).stdout)

    assert applied(cluster, rendered) == 200

    # The API hears of it by its watch.
    eventually(lambda: served(api, "taken").json()["managedBy"] == "kubectl", "it is served")
    view = served(api, "taken").json()
    # Nothing of what only the push had is left.
    assert (view["input"], view["output"]) == (rendered["spec"]["input"], None)
    assert team.types("push").exit_code == 0
    assert served(api, "taken").json()["managedBy"] == "push"
