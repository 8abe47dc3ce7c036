"""Fetches the config maps and secrets that a pod refers to, each once per attempt to start."""

import base64
from collections.abc import Mapping
from typing import Any, Final, Protocol

_WORDS: Final = {"configmaps": "configmap", "secrets": "secret"}


class ConfigMissing(Exception):
    """Something that a container needs is not there yet; it may come."""


class Reader(Protocol):
    """The part of the API server that is needed here."""

    async def read(self, plural: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return a config map or a secret; None if there is none of that name."""
        ...


class Sources:
    """Config maps and secrets of one namespace, as bytes by key."""

    def __init__(self, client: Reader, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._known: dict[tuple[str, str], Mapping[str, bytes] | None] = {}

    async def config_map(self, ref: Mapping[str, Any]) -> Mapping[str, bytes]:
        """Return the data of a config map; empty if it is optional and absent, else ConfigMissing.

        `ref` has the name as `name` and maybe `optional`.
        """
        return await self._read("configmaps", ref, ref["name"])

    async def secret(self, ref: Mapping[str, Any]) -> Mapping[str, bytes]:
        """Return the data of a secret, like `config_map`; volumes call its name `secretName`."""
        return await self._read("secrets", ref, ref.get("secretName") or ref["name"])

    async def _read(self, plural: str, ref: Mapping[str, Any], name: str) -> Mapping[str, bytes]:
        if (plural, name) not in self._known:
            found = await self._client.read(plural, self._namespace, name)
            self._known[plural, name] = None if found is None else _data(plural, found)
        data = self._known[plural, name]
        if data is None and not ref.get("optional"):
            raise ConfigMissing(f'{_WORDS[plural]} "{name}" not found')
        return data or {}


def _data(plural: str, found: Mapping[str, Any]) -> Mapping[str, bytes]:
    plain = found.get("data") or {}
    if plural == "secrets":
        return {key: base64.b64decode(value) for key, value in plain.items()}
    binary = found.get("binaryData") or {}
    return {key: value.encode() for key, value in plain.items()} | {
        key: base64.b64decode(value) for key, value in binary.items()
    }
