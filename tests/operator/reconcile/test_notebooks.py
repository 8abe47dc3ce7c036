"""What is said of a catalog entry: its digest, and whether it can be run."""

from functools import partial

from podbook_crds.content import Content
from podbook_crds.resources.notebook import Notebook
from podbook_operator.reconcile.notebook_status import observed
from rig.embedded import EmbeddedCluster
from rig.operators import Object, Operator, add_notebook
from rig.until import until
from tests.support.unusable_contracts import UNUSABLE, USABLE
from tests.support.views import NOW, a_notebook, seconds


def ready(notebook: Notebook, *peers: Notebook) -> tuple[str, str, str]:
    (condition,) = observed(notebook, [notebook, *peers], pinned=set(), now=NOW).conditions
    return condition.status, condition.reason, condition.message


def test_the_digest_is_that_of_the_content() -> None:
    notebook = a_notebook()

    status = observed(notebook, [notebook], pinned=set(), now=NOW)
    assert status.digest == Content.of("report", notebook.spec).digest
    assert ready(notebook)[:2] == ("True", "Ready")


def test_a_broken_file_says_why_it_cannot_be_run() -> None:
    sentence = "report.ipynb: line 3: Expecting value"

    assert ready(a_notebook(problem=sentence)) == ("False", "InvalidNotebook", sentence)


def test_an_ipynb_that_kubectl_brought_and_is_no_notebook_cannot_be_run() -> None:
    for ipynb, said in (
        ('{"cells": [', "no JSON"),
        ("[]", "no nbformat"),
        ('{"nbformat": 4}', "no list of cells"),
    ):
        status, reason, message = ready(a_notebook(source={"ipynb": ipynb}))

        assert (status, reason) == ("False", "InvalidNotebook")
        assert said in message


def test_one_that_needs_an_environment_can_be_run_where_an_image_holds_it() -> None:
    needy = a_notebook(runtime={"environment": "unlocked:6f"})

    assert ready(needy)[:2] == ("False", "InvalidRuntime")
    images = {"unlocked:6f": "registry.example.org/team/environments:1"}
    (condition,) = observed(needy, [needy], pinned=set(), now=NOW, images=images).conditions
    assert condition.status == "True"


def test_a_contract_that_is_no_schema_is_said_to_be_none() -> None:
    assert ready(a_notebook(input={"type": "nonsense"}))[:2] == ("False", "InvalidContract")
    assert ready(a_notebook(output={"$ref": "nbschema://none"}))[:2] == ("False", "InvalidContract")


def test_of_two_with_one_id_the_older_serves() -> None:
    older = a_notebook("b", id="team/report")
    younger = a_notebook("a", id="team/report").model_copy(
        update={"created": "2026-01-01T00:00:01Z"}
    )

    assert ready(older, younger)[:2] == ("True", "Ready")
    assert ready(younger, older)[:2] == ("False", "DuplicateId")


def test_what_is_true_already_is_not_written_again() -> None:
    notebook = a_notebook()
    status = observed(notebook, [notebook], pinned=set(), now=NOW)
    again = notebook.model_copy(update={"status": status})

    assert observed(again, [again], pinned=set(), now=NOW + seconds(60)) == status


def test_versions_that_runs_are_pinned_to_are_kept() -> None:
    notebook = a_notebook(runtime={"image": "0"})
    status = observed(notebook, [notebook], pinned=set(), now=NOW)
    first = status.digest
    for number in range(1, 10):
        edited = a_notebook(runtime={"image": str(number)}).model_copy(update={"status": status})
        status = observed(edited, [edited], pinned={first}, now=NOW)

    assert first in {version.digest for version in status.versions}
    assert len(status.versions) == 7  # The current one, the last five, the pinned one.


async def test_a_contract_that_no_call_could_be_held_to_is_not_ready(
    cluster: EmbeddedCluster, operator: Operator
) -> None:
    for name, spec in (*UNUSABLE, *USABLE):
        add_notebook(cluster, f"contract-{name}", **spec)

    for names, reason in ((UNUSABLE, "InvalidContract"), (USABLE, "Ready")):
        for name, _ in names:
            await until(partial(_reason, cluster, f"contract-{name}"))
            assert _reason(cluster, f"contract-{name}") == reason, name


async def test_a_duplicate_serves_when_the_older_one_goes(
    cluster: EmbeddedCluster, operator: Operator
) -> None:
    add_notebook(cluster, "older", id="team/one")
    await until(lambda: _reason(cluster, "older") == "Ready")
    # Creation times have a resolution of a second; of one second the name decides.
    add_notebook(cluster, "younger", id="team/one")
    await until(lambda: _reason(cluster, "younger") == "DuplicateId")

    path = "/apis/podbook.dev/v1alpha1/namespaces/default/notebooks/older"
    assert cluster.request("DELETE", path)[0] == 200

    await until(lambda: _reason(cluster, "younger") == "Ready")


def _reason(cluster: EmbeddedCluster, name: str) -> str:
    path = f"/apis/podbook.dev/v1alpha1/namespaces/default/notebooks/{name}"
    found: Object = cluster.request("GET", path)[1]
    conditions = found.get("status", {}).get("conditions", [])
    return next((c["reason"] for c in conditions if c["type"] == "Ready"), "")
