"""What the documents show is true: their blocks are executed, in order, as a reader would."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rig.running import RunningPodbook, running
from rig.until import eventually
from tests.support.documents import Block, blocks, compare, notebook

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "how-to/agents.md",
    "how-to/call-it.md",
    "how-to/catalog.md",
    "how-to/migrate.md",
    "how-to/own-environment.md",
    "how-to/share-a-result.md",
    "how-to/tag-a-cell.md",
    "how-to/webhooks.md",
    "reference/cli.md",
    "reference/contracts.md",
    "reference/notebooks.md",
    "reference/python.md",
    "reference/rest.md",
    "tutorial/first-notebook.md",
]
SHOWN_ADDRESSES = ("127.0.0.1:5050", "localhost:5050")
SHOWN_GRPC = "localhost:50051"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("reader") / "notebooks"
    folder.mkdir()
    with running(folder, tmp_path_factory.mktemp("data"), "--grpc-port", "0") as podbook:
        yield podbook


@pytest.fixture
def podbook(server: RunningPodbook) -> Iterator[RunningPodbook]:
    """A server that has nothing of any other document."""
    yield server
    _clear(server)


def _clear(podbook: RunningPodbook) -> None:
    """Remove what a document left: its files, its contexts, what it pushed, its runs."""
    for path in [*podbook.folder.iterdir(), podbook.data / "config"]:
        _remove(path)
    for path in podbook.folder.parent.iterdir():
        if path != podbook.folder:
            _remove(path)
    eventually(lambda: not _of_the_folder(podbook), "what is gone from the folder is not served")
    podbook.kubectl("delete", "notebooks,nbx", "--all")
    eventually(lambda: not podbook.http.get("/v1/executions").json()["items"], "no run is left")


def _of_the_folder(podbook: RunningPodbook) -> list[str]:
    """Return the notebooks that were not pushed."""
    served = podbook.http.get("/v1/notebooks").json()["items"]
    return [view["id"] for view in served if view["catalog"] is None]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_blocks_of_a_document_do_what_it_says(document: str, podbook: RunningPodbook) -> None:
    printed = ""
    for shown in blocks(ROOT / "docs" / document):
        block = replace(shown, text=_addressed(shown.text, podbook))
        place = f"docs/{document}, line {block.line}"
        if "notebook" in block.options or "file" in block.options:
            _write(block, podbook)
        elif block.language == "sh" and "not-run" not in block.options:
            printed = _run(block, podbook, place)
        elif block.language in {"json", "text"} and "shown" not in block.options:
            assert compare(block, printed) == [], place


def _addressed(text: str, podbook: RunningPodbook) -> str:
    """Let the text speak of this test's server where it shows the usual address."""
    for shown in SHOWN_ADDRESSES:
        text = text.replace(shown, podbook.url.removeprefix("http://"))
    return text.replace(SHOWN_GRPC, f"localhost:{podbook.state['ports']['grpc']}")


def _write(block: Block, podbook: RunningPodbook) -> None:
    """Save the file and wait until the API shows what it changes."""
    name = block.options.get("notebook") or block.options["file"]
    path = podbook.folder.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = notebook(block.text) if "notebook" in block.options else block.text
    if not path.is_relative_to(podbook.folder):
        path.write_text(text)
        return
    stem = path.with_name(path.name.removesuffix(".config.json")).with_suffix("")
    address = f"/v1/notebooks/{stem.relative_to(podbook.folder).as_posix()}"
    before = podbook.http.get(address).json().get("specDigest")
    # At once, as editors do it: no half of it is ever read.
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(text)
    fresh.replace(path)
    if "notebook" in block.options:
        eventually(lambda: podbook.http.get(address).status_code == 200, f"{name} is served")
    elif before is not None:

        def is_in_force() -> bool:
            return bool(podbook.http.get(address).json()["specDigest"] != before)

        eventually(is_in_force, f"{name} is in force")


def _run(block: Block, podbook: RunningPodbook, place: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=podbook.folder.parent,
        env={
            **os.environ,
            "PATH": path,
            "KUBECONFIG": str(podbook.kubeconfig),
            "PODBOOK_URL": podbook.url,
            "XDG_CONFIG_HOME": str(podbook.data / "config"),
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, f"{place}: {done.stderr}"
    return done.stdout
