"""While the catalog is read for the first time, what is not found yet is no 404."""

from pathlib import Path

import pytest

from rig import api as apis
from rig.embedded import EmbeddedCluster


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/notebooks/late", None),
        ("POST", "/v1/notebooks/late/executions", {}),
        ("GET", "/api/notebooks/late", None),
    ],
)
def test_it_is_a_503_until_the_first_pass_is_through(
    cluster: EmbeddedCluster, tmp_path: Path, method: str, path: str, body: object
) -> None:
    pending = tmp_path / "pending"
    pending.touch()
    with apis.running(cluster, tmp_path, PODBOOK_CATALOG_PENDING=str(pending)) as api:
        early = api.http.request(method, path, json=body)
        pending.unlink()
        late = api.http.request(method, path, json=body)

    assert (early.status_code, early.headers.get("Retry-After")) == (503, "2")
    assert "still being read; try again" in early.text
    assert late.status_code == 404
