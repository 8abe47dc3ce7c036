"""The way to the cluster is read from any kubeconfig, and waited for where there is none yet."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.connection import connect


def kubeconfig(server: str, user: dict[str, Any], **cluster: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}],
    }


async def test_the_embedded_clusters_own_is_read_without_the_official_client(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(kubeconfig("http://127.0.0.1:1234/", {"token": "t"})))

    found = await connect(path)

    assert (found.url, found.tls) == ("http://127.0.0.1:1234", False)
    assert await found.authorization() == "Bearer t"


async def test_any_other_is_read_too_with_a_token_from_a_file(tmp_path: Path) -> None:
    path, token = tmp_path / "kubeconfig", tmp_path / "token"
    token.write_text("from-a-file")
    config = kubeconfig(
        "https://cluster.example:6443",
        {"tokenFile": str(token)},
        **{"insecure-skip-tls-verify": True},
    )
    path.write_text(yaml.safe_dump(config))

    found = await connect(path)

    assert found.url == "https://cluster.example:6443"
    assert isinstance(found.tls, ssl.SSLContext)
    assert found.tls.verify_mode is ssl.CERT_NONE
    assert str(await found.authorization()).lower() == "bearer from-a-file"


async def test_a_certificate_is_checked_unless_the_kubeconfig_says_otherwise(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig("https://cluster.example", {"token": "t"})))

    found = await connect(path)

    assert isinstance(found.tls, ssl.SSLContext)
    assert (found.tls.verify_mode, found.tls.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("text", [None, "", "{}", "apiVersion: v1\nkind: Config\n"])
async def test_where_there_is_none_yet_another_try_may_help(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ClusterUnavailable):
        await connect(path)


async def test_outside_a_cluster_a_kubeconfig_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    with pytest.raises(ClusterUnavailable):
        await connect(None)
