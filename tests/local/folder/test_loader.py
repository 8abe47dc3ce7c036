import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.interpreter import Interpreter
from podbook_catalog.loader import FolderLoader
from podbook_catalog.target.resources import Address
from podbook_crds import names
from podbook_local.up.manifests import manifests
from rig.embedded import EmbeddedCluster, running
from rig.ipynb import notebook
from rig.until import eventually

NOTEBOOKS = f"/apis/{names.API_VERSION}/namespaces/default/{names.NOTEBOOK_PLURAL}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    options = [word for path in manifests() for word in ("--manifest", str(path))]
    with running(
        tmp_path_factory.mktemp("cluster") / "data", ["--no-kubelet", *options]
    ) as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


@pytest.fixture
def loader(cluster: EmbeddedCluster, folder: Path) -> Iterator[FolderLoader]:
    yield a_loader(cluster, folder)
    status, _ = cluster.request("DELETE", NOTEBOOKS)
    assert status == 200


def a_loader(cluster: EmbeddedCluster, folder: Path) -> FolderLoader:
    return FolderLoader(
        folder,
        store=folder.parent / "store",
        address=Address(int(cluster.url.rpartition(":")[2]), cluster.token),
        interpreter=Interpreter(Path(sys.executable), Path(sys.prefix), "3", "the test"),
        environment={"HOME": str(folder)},
    )


def put(folder: Path, path: str, cell: str = "1", config: Any = None) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook(cell)))
    if config is not None:
        target.with_suffix(".config.json").write_text(json.dumps(config))


def present(cluster: EmbeddedCluster) -> dict[str, Any]:
    """Return the resources by the id of their notebooks."""
    _, answer = cluster.request("GET", NOTEBOOKS)
    return {item["spec"]["id"]: item for item in answer["items"]}


def versions(cluster: EmbeddedCluster) -> dict[str, str]:
    return {k: item["metadata"]["resourceVersion"] for k, item in present(cluster).items()}


def test_the_folder_becomes_resources(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "analysis.ipynb", config={"input": {"type": "object"}})
    put(folder, "reports/täglich v1.2.ipynb")

    loaded = loader.load()

    assert loaded.notebooks == ["analysis", "reports/täglich v1.2"]
    found = present(cluster)
    assert found["analysis"]["metadata"]["name"] == "analysis"
    assert found["reports/täglich v1.2"]["metadata"]["name"].startswith("reports-taglich-v1-2-")


def test_only_what_changed_is_written(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "same.ipynb", config={"input": {"multipleOf": 1.0, "default": None}})
    put(folder, "edited.ipynb", "1")
    loader.load()
    before = versions(cluster)
    put(folder, "edited.ipynb", "2")

    a_loader(cluster, folder).load()

    after = versions(cluster)
    assert after["same"] == before["same"]
    assert after["edited"] != before["edited"]


def test_a_deleted_notebook_goes_and_what_others_applied_stays(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "mine.ipynb")
    loader.load()
    others = {
        "apiVersion": names.API_VERSION,
        "kind": names.NOTEBOOK_KIND,
        "metadata": {"name": "theirs"},
        "spec": {"id": "theirs", "source": {"ipynb": "{}"}},
    }
    cluster.request("POST", NOTEBOOKS, others)
    (folder / "mine.ipynb").unlink()

    loader.load()

    assert set(present(cluster)) == {"theirs"}


def test_a_broken_notebook_says_why_and_leaves_the_others_alone(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "good.ipynb")
    (folder / "bad.ipynb").write_text("{")

    loaded = loader.load()

    assert set(loaded.problems) == {"bad.ipynb"}
    assert "no JSON" in present(cluster)["bad"]["spec"]["problem"]
    assert "problem" not in present(cluster)["good"]["spec"]


def test_a_notebook_that_the_cluster_refuses_is_named_and_the_others_are_there(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    theirs = {
        "apiVersion": names.API_VERSION,
        "kind": names.NOTEBOOK_KIND,
        "metadata": {"name": "taken"},
        "spec": {"id": "somebody else's", "source": {"ipynb": "{}"}},
    }
    cluster.request("POST", NOTEBOOKS, theirs)
    put(folder, "taken.ipynb")
    put(folder, "good.ipynb")

    loaded = loader.load()

    assert loaded.notebooks == ["good"]
    (warning,) = loaded.warnings
    assert warning.startswith("taken.ipynb is refused by the cluster: ")
    assert '"taken" already exists' in warning
    assert set(present(cluster)) == {"good", "somebody else's"}


def test_the_cluster_takes_amounts_as_numbers(
    cluster: EmbeddedCluster, loader: FolderLoader
) -> None:
    theirs = {
        "apiVersion": names.API_VERSION,
        "kind": names.NOTEBOOK_KIND,
        "metadata": {"name": "gpu"},
        "spec": {
            "id": "gpu",
            "source": {"ipynb": "{}"},
            "runtime": {"resources": {"limits": {"cpu": 1, "nvidia.com/gpu": 1}}},
        },
    }

    assert cluster.request("POST", NOTEBOOKS, theirs)[0] == 201


def test_two_notebooks_with_one_id_are_both_there_and_one_is_refused(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "first.ipynb", config={"id": "same"})
    loader.load()
    put(folder, "another.ipynb", config={"id": "same"})

    loader.load()

    _, answer = cluster.request("GET", NOTEBOOKS)
    problems = {i["spec"]["path"]: i["spec"].get("problem", "") for i in answer["items"]}
    assert problems["first.ipynb"] == ""
    assert "already that of first.ipynb" in problems["another.ipynb"]


def test_podbook_toml_that_breaks_while_serving_is_told_and_its_last_state_holds(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "a.ipynb")
    (folder / "podbook.toml").write_text("[defaults]\nretryLimit = 7\n")
    loader.load()
    (folder / "podbook.toml").write_text("[defaults\n")

    loaded = loader.load()

    assert any("podbook.toml" in warning for warning in loaded.warnings)
    assert present(cluster)["a"]["spec"]["defaults"]["retryLimit"] == 7


def test_five_hundred_notebooks_are_loaded_and_then_left_alone(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    for number in range(500):
        put(folder, f"group{number % 10}/n{number}.ipynb", f"print({number})")
    (folder / "shared.py").write_text("x = 1")

    loaded = loader.load()

    assert len(loaded.notebooks) == 500
    assert len(versions(cluster)) == 500
    before = versions(cluster)
    loader.load()
    assert versions(cluster) == before


def test_models_that_take_long_are_another_pass(
    loader: FolderLoader,
    cluster: EmbeddedCluster,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("podbook_catalog.models.shared_models.PATIENCE_SECONDS", 0.0)
    (folder / "models.py").write_text(
        "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\n"
        "from podbook.nbschema import ModelCollection\nm = ModelCollection()\n"
    )
    put(folder, "plain.ipynb")
    put(folder, "uses.ipynb", config={"input": {"$ref": "nbschema://sample"}})

    assert "importing it takes long" in loader.load().problems["uses.ipynb"]
    assert set(present(cluster)) == {"plain", "uses"}
    (folder / "go").touch()
    eventually(lambda: loader.has_news, "the models have been read")

    assert "no model of that alias" in loader.load(changed=False).problems["uses.ipynb"]
    assert not loader.is_waiting


def test_a_folder_that_is_away_takes_nothing_with_it(
    cluster: EmbeddedCluster, folder: Path, loader: FolderLoader
) -> None:
    put(folder, "a.ipynb")
    loader.load()
    folder.rename(folder.with_name("away"))

    loaded = loader.load()

    assert list(present(cluster)) == ["a"]
    assert loaded.warnings == [
        f"{folder} cannot be read (No such file or directory): what was served stays"
    ]
