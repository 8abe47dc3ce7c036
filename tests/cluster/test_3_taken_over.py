"""What is rendered is applied over a notebook that was pushed, as the real API server has it."""

import json
from functools import partial
from pathlib import Path

import pytest

from podbook_cli.app import app
from rig.ipynb import notebook
from rig.until import eventually
from tests.cluster import commands
from tests.cluster.installed import RUNS, Installed, get, kubectl
from tests.support.typed import run


def test_a_pushed_notebook_is_then_as_the_folder_is(podbook: Installed, tmp_path: Path) -> None:
    (tmp_path / "taken.ipynb").write_text(json.dumps(notebook("2")))
    contract = {"type": "object", "properties": {"y": {"type": "string"}}}
    (tmp_path / "taken.config.json").write_text(json.dumps({"input": contract}))
    rendered = run(app, "render", str(tmp_path)).out
    # As a push leaves it: with a digest, and more than the folder has by now.
    spec = {"source": {"blob": "sha256:" + "0" * 64}, "title": "As it was"}
    spec["input"] = {"type": "object", "properties": {"x": {"type": "string"}}}
    spec["runtime"] = {"resources": {"limits": {"memory": "1Gi"}}}
    told = {"podbook.dev/managed-by": "push"}
    metadata = {"name": "taken", "namespace": RUNS, "annotations": told}
    pushed = {"apiVersion": "podbook.dev/v1alpha1", "kind": "Notebook", "metadata": metadata}
    kubectl("create", "-f", "-", stdin=json.dumps({**pushed, "spec": spec}))
    apply = ("apply", "--server-side", "-n", RUNS, "-f", "-")

    with pytest.raises(commands.CommandFailed, match="--force-conflicts"):
        kubectl(*apply, stdin=rendered)
    kubectl(*apply, "--force-conflicts", stdin=rendered)

    found = get("notebook", "taken")["spec"]
    assert (found["source"].get("blob"), found.get("title")) == (None, None)
    assert found["input"] == contract
    assert not found["runtime"].get("resources", {}).get("limits")
    # From then on as any other; and it runs.
    kubectl(*apply, stdin=rendered)
    kubectl("wait", "--for=condition=Ready", "nb/taken", "-n", RUNS, "--timeout=120s")
    served = partial(podbook.http.get, "/v1/notebooks/taken")
    eventually(lambda: served().json()["managedBy"] == "kubectl", "the API has heard of it")
