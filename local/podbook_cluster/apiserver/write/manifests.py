"""Reads YAML files of objects, and brings the store to what they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms import errors, go_json
from podbook_cluster.apiserver.terms.calls import internal
from podbook_cluster.apiserver.terms.resources import CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES
from podbook_cluster.apiserver.write.objects import Objects

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_BASE):  # type: ignore[misc]
    """Reads YAML as Kubernetes does: what looks like a date is text."""


Loader.yaml_implicit_resolvers = {
    letter: [item for item in resolvers if item[0] != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in _BASE.yaml_implicit_resolvers.items()
}

# What others refer to comes first.
_FIRST: Final = (CUSTOM_RESOURCE_DEFINITIONS.kind, NAMESPACES.kind)


class BrokenManifest(Exception):
    """A manifest file can't be read, or holds an object that the server refuses."""


def load(path: Path) -> Iterator[Object]:
    """Yield the objects of a YAML file, the items of lists one by one.

    Raises:
        BrokenManifest: there is no such file, or it is not YAML.

    """
    try:
        documents = list(yaml.load_all(path.read_bytes(), Loader))
    except (OSError, yaml.YAMLError) as error:
        raise BrokenManifest(f"{path} can't be read: {error}") from error
    for document in documents:
        if not document:
            continue
        items = document["items"] if str(document.get("kind", "")).endswith("List") else [document]
        for item in items:
            yield go_json.normalise(item)


def apply(
    values: list[Object], *, objects: Objects, store: Store, catalog: Catalog, namespace: str
) -> None:
    """Create or replace each object; those that are as described already are left alone.

    Args:
        values: the objects, in any order.
        objects: the rules that they pass.
        store: where they may exist already.
        catalog: the kinds that there are.
        namespace: where namespaced objects go that name none.

    Raises:
        BrokenManifest: the server refuses an object; the message says why.

    """
    for value in sorted(values, key=lambda item: item.get("kind") not in _FIRST):
        kind, name = value.get("kind", "?"), (value.get("metadata") or {}).get("name", "?")
        resource = catalog.of_kind(value.get("apiVersion", ""), kind)
        if resource is None:
            raise BrokenManifest(
                f"{kind} {name}: this server has no {value.get('apiVersion')} {kind}"
            )
        place = value["metadata"].get("namespace") or namespace if resource.namespaced else ""
        call = internal(resource, place, name)
        try:
            current = store.get(resource, call.key)
            if current is None:
                objects.create(call, value)
            else:
                value["metadata"]["resourceVersion"] = str(current.revision)
                objects.replace(call, value)
        except errors.ApiError as error:
            raise BrokenManifest(f"{kind} {name}: {error.message}") from error
