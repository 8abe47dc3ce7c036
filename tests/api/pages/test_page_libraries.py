"""The libraries that pages load: as published, named by content, kept for ever, open to all."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

import podbook_api
from podbook_api.artifacts.framed_pages import library_routes
from podbook_api.artifacts.rendering import assets

FOLDER = Path(podbook_api.__file__).parent / "artifacts" / "rendering" / "libraries"
FILES = sorted(file for files in assets.LIBRARIES.values() for file in files)


def test_they_are_the_published_ones_with_their_licences() -> None:
    readme = (FOLDER / "README.md").read_text()
    row = re.compile(r"^\| `(\S+)` .*`(licences/\S+)` .*`([0-9a-f]{64})` \|$", re.MULTILINE)
    rows = row.findall(readme)

    found = {
        file: hashlib.sha256(gzip.decompress(assets.packed(file))).hexdigest() for file in FILES
    }

    assert found == {name: digest for name, _, digest in rows}
    assert {f"{file}.js.gz" for file in FILES} == {path.name for path in FOLDER.glob("*.gz")}
    assert all((FOLDER / licence).stat().st_size > 50 for _, licence, _ in rows)


@pytest.mark.parametrize("file", FILES)
def test_they_can_stand_inside_a_page(file: str) -> None:
    text = assets.as_text(file).lower()
    assert not re.search("</script|<script|<!--", text)


def test_they_are_sent_packed_and_kept_for_ever() -> None:
    client = TestClient(Starlette(routes=[Route("/frame/{name}", _serve)]))

    packed = client.get(assets.address("requirejs-2.3.8"), headers={"accept-encoding": "gzip"})
    plain = client.get(assets.address("requirejs-2.3.8"), headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) == len(packed.content)
    assert "immutable" in packed.headers["cache-control"]
    # A page in a sandbox has no origin that they could be of.
    assert packed.headers["cross-origin-resource-policy"] == "cross-origin"
    assert packed.headers["access-control-allow-origin"] == "*"


async def _serve(request: Request) -> Response:
    return await library_routes.serve(request, request.path_params["name"])
