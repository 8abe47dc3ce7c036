"""The whole way on a real node: REST through the Service, kubectl, images of other people."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rig.ipynb import notebook, text_of
from tests.cluster import images
from tests.cluster.installed import RUNS, Installed, ended, get, kubectl, run

EXAMPLES = Path(__file__).parents[2] / "notebooks"
DOCUMENTS = Path(__file__).parents[2] / "docs" / "examples"


def _example(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an example's notebook and contract; its configuration may hold comment lines."""
    config = re.sub(r"(?m)^\s*//.*$", "", (EXAMPLES / f"{name}.config.json").read_text())
    return json.loads((EXAMPLES / f"{name}.ipynb").read_text()), json.loads(config)


def test_a_post_through_the_service_answers_with_the_output(podbook: Installed) -> None:
    document, contract = _example("analysis")
    podbook.put("analysis", document, **contract)

    execution = podbook.post("analysis", {"customer_name": "microsoft"})

    assert (execution["phase"], execution["reason"]) == ("Succeeded", "NotebookCompleted")
    assert execution["output"] == {"needs_discount": False}
    executed = podbook.artifact(execution["id"], "notebook.ipynb")
    assert "microsoft" in text_of(executed)


def test_an_applied_execution_shows_its_output_to_kubectl(podbook: Installed) -> None:
    document, contract = _example("analysis")
    podbook.put("analysis", document, **contract)

    run("by-kubectl", notebook={"name": "analysis"}, parameters={"customer_name": "contoso"})

    shown = kubectl("get", "nbx", "by-kubectl", "-n", RUNS, "-ojsonpath={.status.output}")
    assert json.loads(shown) == {"needs_discount": True}
    assert b"contoso" in podbook.artifact("by-kubectl", "notebook.ipynb")


def test_an_image_needs_a_kernel_and_nothing_of_ours(podbook: Installed) -> None:
    """The image holds ipykernel and a library of its owner's; save_output works all the same."""
    image = images.of_users(
        f"FROM {images.name('kernel')}\n"
        "COPY theirs.py /opt/podbook/lib/python3.11/site-packages/\n",
        name="localhost/theirs:dev",
        files={"theirs.py": "def answer():\n    return 42\n"},
    )
    document = notebook(
        "from importlib.util import find_spec\nfrom theirs import answer",
        "from podbook import save_output\n"
        "save_output({'answer': answer(), 'papermill': bool(find_spec('papermill'))})",
    )
    podbook.put("theirs", document, runtime={"image": image})

    assert podbook.post("theirs")["output"] == {"answer": 42, "papermill": False}


def test_a_notebook_runs_under_the_uid_that_its_image_wants(podbook: Installed) -> None:
    document = notebook("import os\nfrom podbook import save_output\nsave_output(os.getuid())")
    podbook.put("other-uid", document, runtime={"runAsUser": 54321})

    assert podbook.post("other-uid")["output"] == 54321


def test_a_kernel_may_run_on_a_read_only_root(podbook: Installed) -> None:
    document = notebook(
        "import tempfile, pathlib\nfrom podbook import save_output\n"
        "pathlib.Path.home().joinpath('x').write_text('1')\ntempfile.TemporaryFile()",
        "try:\n    open('/opt/x', 'w')\nexcept OSError as error:\n    save_output(error.strerror)",
    )
    podbook.put("read-only", document, runtime={"readOnlyRootFilesystem": True})

    assert podbook.post("read-only")["output"] == "Read-only file system"


@pytest.mark.usefixtures("podbook")
def test_the_examples_of_the_documents_run() -> None:
    for name in ("notebook", "execution"):
        kubectl("apply", "-n", RUNS, "-f", str(DOCUMENTS / f"{name}.yaml"))

    assert ended("analysis-1")["output"] == {"needs_discount": False}


@pytest.mark.usefixtures("podbook")
def test_a_pod_that_is_not_restricted_could_not_exist() -> None:
    labels = get("namespace", RUNS)["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
