"""Containers see the user's environment without Podbook's own, and what their pod says."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from podbook_cluster.kubelet.environment.environment import (
    UTF_8,
    container_environment,
    inherited,
    with_letters,
)
from podbook_cluster.kubelet.files.sources import ConfigMissing, Sources

POD: dict[str, Any] = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "u-1"},
    "spec": {"containers": []},
}


class Fixed:
    """Config maps and secrets that are simply there."""

    def __init__(self, **data: Mapping[str, str]) -> None:
        self._data = data

    async def read(self, plural: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        assert namespace == "ns"
        if name not in self._data:
            return None
        if plural == "configmaps":
            return {"data": self._data[name]}
        encoded = {key: b64encode(text.encode()) for key, text in self._data[name].items()}
        return {"data": encoded}


async def environment_of(container: dict[str, Any], **data: Mapping[str, str]) -> dict[str, str]:
    return await container_environment(
        POD,
        {"name": "c", **container},
        sources=Sources(Fixed(**data), "ns"),
        node_name="laptop",
    )


def test_podbooks_own_variables_are_withheld() -> None:
    environ = {
        "HOME": "/h",
        "PATH": "/usr/bin",
        "MY_API_TOKEN": "mine",
        "PODBOOK_KUBELET_TOKEN": "secret",
        "KUBECONFIG": "/k",
        "KUBERNETES_SERVICE_HOST": "k",
        "JPY_PARENT_PID": "1",
    }

    assert inherited(environ, bin_dir=None, everything=True) == {
        "HOME": "/h",
        "PATH": "/usr/bin",
        "MY_API_TOKEN": "mine",
    }


def test_the_bin_folder_comes_first_on_path() -> None:
    found = inherited({"PATH": "/usr/bin"}, bin_dir=Path("/data/bin"), everything=True)

    assert found["PATH"] == "/data/bin:/usr/bin"


@pytest.mark.parametrize(
    ("locale", "changed"),
    [
        ({}, {"LC_CTYPE": UTF_8}),
        ({"LANG": "C"}, {"LC_CTYPE": UTF_8}),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, {"LC_ALL": UTF_8}),
        ({"LC_ALL": "", "LC_CTYPE": "POSIX"}, {"LC_CTYPE": UTF_8}),
        ({"LANG": "de_DE.UTF-8"}, {}),
        ({"LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, {}),
        ({"LC_ALL": "ja_JP.eucJP"}, {}),
    ],
)
def test_a_locale_that_knows_no_letters_gives_way_to_one_that_does(
    locale: dict[str, str], changed: dict[str, str]
) -> None:
    assert with_letters(locale) == locale | changed


def test_without_inheritance_only_path_is_left() -> None:
    assert inherited({"PATH": "/", "HOME": "/h"}, bin_dir=None, everything=False) == {"PATH": "/"}


async def test_variables_refer_to_earlier_ones_of_the_pod() -> None:
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "$(A)2 $(HOME) $(C)"},
        {"name": "C", "value": "3"},
    ]

    found = await environment_of({"env": env})

    assert found["B"] == "12 $(HOME) $(C)"


async def test_a_reference_is_not_expanded() -> None:
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]

    assert (await environment_of({"env": env}, s={"k": "$(A)"}))["B"] == "$(A)"


async def test_env_comes_after_env_from() -> None:
    container = {
        "envFrom": [{"prefix": "P_", "configMapRef": {"name": "m"}}, {"secretRef": {"name": "s"}}],
        "env": [{"name": "two.words", "value": "own"}],
    }

    found = await environment_of(container, m={"a": "1"}, s={"two.words": "2", "three": "3"})

    assert (found["P_a"], found["two.words"], found["three"]) == ("1", "own", "3")


async def test_the_downward_api_answers() -> None:
    env = [
        {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ]

    found = await environment_of({"env": env, "resources": {"limits": {"cpu": "3"}}})

    assert (found["NAME"], found["CPU"]) == ("p", "3")


async def test_a_missing_key_is_named() -> None:
    ref = {"name": "m", "key": "k"}
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": ref}}]

    with pytest.raises(ConfigMissing, match="couldn't find key k in ConfigMap m"):
        await environment_of({"env": env}, m={})


@pytest.mark.parametrize("kind", ["configMapRef", "secretRef"])
async def test_what_is_not_there_yet_is_named(kind: str) -> None:
    with pytest.raises(ConfigMissing, match='"later" not found'):
        await environment_of({"envFrom": [{kind: {"name": "later"}}]})


async def test_what_is_optional_may_be_absent() -> None:
    ref = {"name": "later", "optional": True}

    assert "A" not in await environment_of({"envFrom": [{"secretRef": ref}]})


async def test_an_optional_missing_key_leaves_the_variable_out() -> None:
    ref = {"name": "m", "key": "k", "optional": True}

    found = await environment_of({"env": [{"name": "A", "valueFrom": {"secretKeyRef": ref}}]}, m={})

    assert "A" not in found
