"""Compares the definitions of a cluster with those that this command line ships."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from podbook_cli.doctor.seen import SeenDefinition
from podbook_crds.definitions import policy

# Wherever the definitions are, this one is; others are of a release, or of a laptop.
POLICIES: Final = (policy.NAME,)


def shipped() -> list[dict[str, Any]]:
    """Return the definitions as this command line has them."""
    import yaml

    from podbook_local.up.manifests import manifests

    every = [each for path in manifests() for each in yaml.safe_load_all(path.read_text())]
    return [each for each in every if each["kind"] == "CustomResourceDefinition"]


def compared(ours: Mapping[str, Any], found: Mapping[str, Any] | None) -> SeenDefinition:
    """Return how the one in the cluster, None where there is none, differs from ours."""
    name = ours["metadata"]["name"]
    if found is None:
        return SeenDefinition(name, is_there=False)
    wanted, there = {*_fields_of(ours)}, {*_fields_of(found)}
    conditions = (found.get("status") or {}).get("conditions") or []
    return SeenDefinition(
        name,
        is_established=any(
            each["type"] == "Established" and each["status"] == "True" for each in conditions
        ),
        lacks=tuple(sorted(wanted - there)),
        has_more=tuple(sorted(there - wanted)),
    )


def _fields_of(definition: Mapping[str, Any]) -> Iterator[str]:
    for version in definition["spec"]["versions"]:
        yield from _fields(version["schema"]["openAPIV3Schema"], version["name"])


def _fields(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the path of every field, and every value of a closed list: a server keeps those."""
    yield path
    for value in schema.get("enum") or ():
        yield f"{path}={value}"
    for name, each in (schema.get("properties") or {}).items():
        yield from _fields(each, f"{path}.{name}")
    for inner in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inner, Mapping):
            yield from _fields(inner, f"{path}[]")
