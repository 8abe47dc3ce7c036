"""A pod's volumes begin with the files that a real kubelet would mount."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from podbook_cluster.kubelet.files import volumes
from podbook_cluster.kubelet.files.sources import ConfigMissing, Sources

POD: dict[str, Any] = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "u", "annotations": {"note": "hello"}},
    "spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "2"}}}]},
}
NOTE = {"fieldRef": {"fieldPath": "metadata.annotations['note']"}}


class Cluster:
    """One config map `m` and one secret `s`."""

    async def read(self, plural: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        if (plural, name) == ("configmaps", "m"):
            return {"data": {"a": "1", "b": "2"}, "binaryData": {"raw": b64encode(b"\xff")}}
        if (plural, name) == ("secrets", "s"):
            return {"data": {"key": b64encode(b"value")}}
        return None


async def a_token(projection: Mapping[str, Any]) -> str:
    return f"for {projection['audience']}"


async def files_of(volume: dict[str, Any]) -> dict[str, tuple[bytes, int]]:
    origin = volumes.Origin(POD, Sources(Cluster(), "ns"), "laptop", token=a_token)
    found = await volumes.files_of({"name": "v", **volume}, origin)
    return {file.path: (file.content, file.mode) for file in found}


@pytest.mark.parametrize(
    ("volume", "files"),
    [
        pytest.param({"emptyDir": {}}, {}, id="an empty one is empty"),
        pytest.param(
            {"configMap": {"name": "m"}},
            {"a": (b"1", 0o644), "b": (b"2", 0o644), "raw": (b"\xff", 0o644)},
            id="a config map gives a file per key",
        ),
        pytest.param(
            {"configMap": {"name": "m", "items": [{"key": "a", "path": "x/y", "mode": 0o400}]}},
            {"x/y": (b"1", 0o400)},
            id="items choose and rename",
        ),
        pytest.param(
            {"secret": {"secretName": "s", "defaultMode": 0o600}},
            {"key": (b"value", 0o600)},
            id="a secret is decoded",
        ),
        pytest.param({"secret": {"secretName": "none", "optional": True}}, {}, id="optional"),
        pytest.param(
            {"downwardAPI": {"items": [{"path": "n", **NOTE}]}},
            {"n": (b"hello", 0o644)},
            id="an annotation",
        ),
        pytest.param(
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "cpu",
                            "resourceFieldRef": {"containerName": "c", "resource": "limits.cpu"},
                        }
                    ]
                }
            },
            {"cpu": (b"2", 0o644)},
            id="a limit",
        ),
        pytest.param(
            {
                "projected": {
                    "sources": [
                        {"serviceAccountToken": {"audience": "podbook", "path": "token"}},
                        {"configMap": {"name": "m", "items": [{"key": "b", "path": "b"}]}},
                        {"secret": {"name": "s"}},
                        {"downwardAPI": {"items": [{"path": "n", **NOTE}]}},
                    ]
                }
            },
            {
                "token": (b"for podbook", 0o600),
                "b": (b"2", 0o644),
                "key": (b"value", 0o644),
                "n": (b"hello", 0o644),
            },
            id="a projected one joins several, its token for the owner's eyes",
        ),
    ],
)
async def test_files(volume: dict[str, Any], files: dict[str, tuple[bytes, int]]) -> None:
    assert await files_of(volume) == files


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"configMap": {"name": "later"}}, 'configmap "later" not found'),
        ({"secret": {"secretName": "later"}}, 'secret "later" not found'),
        (
            {"configMap": {"name": "m", "items": [{"key": "z", "path": "z"}]}},
            "references non-existent config key: z",
        ),
    ],
)
async def test_what_is_missing_is_named(volume: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigMissing, match=message):
        await files_of(volume)


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    volumes.write(tmp_path, [volumes.File("token", b"old", 0o600)])
    with tmp_path.joinpath("token").open("rb") as reader:
        volumes.write(tmp_path, [volumes.File("token", b"new", 0o600)])

        assert reader.read() == b"old"
    assert tmp_path.joinpath("token").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_a_read_only_file_can_be_replaced(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        volumes.write(tmp_path, [volumes.File("deep/file", content, 0o400)])

    assert tmp_path.joinpath("deep/file").read_bytes() == b"new"
    assert tmp_path.joinpath("deep/file").stat().st_mode & 0o777 == 0o400
