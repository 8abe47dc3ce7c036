"""What a kernel has around it on a real node: its user's image and language, files, models."""

import re
from typing import Any

import pytest

from podbook_crds.content import blob_digest, blob_path
from rig.ipynb import notebook
from tests.cluster import images, installed, place
from tests.cluster.installed import Installed

OPERATIONS = place.REPOSITORY / "docs" / "how-to" / "operations.md"
MODELS = """
from datetime import datetime
from podbook.nbschema import NbSchemaBase


class Point(NbSchemaBase):
    x: int
    seen: datetime
"""
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "seen": {"type": "string", "format": "date-time"}},
    "required": ["x", "seen"],
}
# More than travels inside a job.
LARGE = "n\n" + "1\n" * 300_000


@pytest.fixture(scope="module")
def image(podbook: Installed) -> str:
    """The image whose Dockerfile stands in the documents."""
    (dockerfile,) = re.findall(r"```dockerfile\n(.*?)```", OPERATIONS.read_text(), re.DOTALL)
    own = dockerfile.replace("REGISTRY/podbook/kernel:0.1.0", images.name("kernel"))
    return images.of_users(own, name="localhost/with-bash:dev")


def test_a_notebook_in_bash(podbook: Installed, image: str) -> None:
    document = notebook(
        'echo "$greeting from ${BASH##*/}"',
        'echo \'{"words": 2}\' > "$PODBOOK_OUTPUT"',
        kernelspec={"name": "bash", "display_name": "Bash", "language": "bash"},
    )
    podbook.put("in-bash", document, runtime={"image": image, "language": "bash"})

    execution = podbook.post("in-bash", {"greeting": "hello you"})

    assert execution["output"] == {"words": 2}, execution
    assert b"hello you from bash" in podbook.artifact(execution["id"], "notebook.ipynb")


def test_a_notebook_has_its_files_beside_it(podbook: Installed) -> None:
    document = notebook(
        "from lib.words import WORD\n"
        "from podbook import save_output\n"
        "save_output([WORD, open('small.txt').read(), open('../data/large.csv').read().count('1')])"
    )
    files = [
        {"path": "reports/lib/words.py", "text": "WORD = 'sibling'"},
        {"path": "reports/small.txt", "text": "grüße"},
        {"path": "data/large.csv", **_stored(LARGE)},
    ]
    podbook.put("reports-monthly", document, id="reports/monthly", files=files)

    assert podbook.post("reports/monthly")["output"] == ["sibling", "grüße", 300_000]


def test_a_parameter_arrives_as_the_model_that_the_contract_names(
    podbook: Installed, image: str
) -> None:
    document = notebook(
        "from podbook import save_output\n"
        "save_output({'kind': type(points[0]).__name__, 'year': points[0].seen.year,"
        " 'first': points[0]})",
        parameters="points = []",
    )
    podbook.put(
        "with-models",
        document,
        files=[{"path": "models.py", "text": MODELS}],
        models={"point": {"import": "models:Point", "schema": POINT}},
        input={
            "type": "object",
            "properties": {"points": {"type": "array", "items": {"$ref": "nbschema://point"}}},
        },
        runtime={"image": image},
    )
    point = {"x": 1, "seen": "2026-01-02T03:04:05"}

    execution = podbook.post("with-models", {"points": [point]})

    assert execution["output"] == {"kind": "Point", "year": 2026, "first": point}, execution


def _stored(text: str) -> dict[str, Any]:
    """Put a blob into the artifact store, as the API and the folder loader do."""
    data = text.encode()
    file = installed.STORE / blob_path(blob_digest(data))
    file.parent.mkdir(parents=True, exist_ok=True)
    for folder in (file.parent, *file.parent.parents[:2]):
        folder.chmod(0o777)
    file.write_bytes(data)
    return {"blob": blob_digest(data), "size": len(data)}
