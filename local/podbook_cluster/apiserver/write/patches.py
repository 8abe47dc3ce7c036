"""Applies the kinds of patch that Kubernetes knows to a decoded object."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms.errors import (
    bad_request,
    invalid_option,
    unprocessable,
    unsupported_media_type,
)

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"

# Where the elements of a list are told apart by a field, as the built-in types declare it.
_MERGE_KEYS: Final = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "secrets": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "conditions": "type",
    "ownerReferences": "uid",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
}
_MERGED_VALUES: Final = frozenset({"finalizers"})
_MAP_TYPE: Final = "x-kubernetes-map-type"
_DIRECTIVE: Final = "$patch"
_DELETE_FROM: Final = "$deleteFromPrimitiveList/"
_ORDER: Final = "$setElementOrder/"
_RETAIN: Final = "$retainKeys"

FORCED: Final = (
    "Podbook's embedded cluster does not remember who set a field: this apply took over every"
    " field that it names, and kept those that it names no longer"
)
"""Said with each apply to something that is there: a real API server would do otherwise."""


def check_options(media_type: str, query: Mapping[str, str]) -> None:
    """Raise an ApiError (422) where an apply does not say who applies, or another patch forces."""
    if media_type == APPLY_PATCH and not query.get("fieldManager"):
        raise invalid_option(
            "PatchOptions", "fieldManager", "Required value: is required for apply patch"
        )
    if media_type != APPLY_PATCH and "force" in query:
        raise invalid_option(
            "PatchOptions", "force", "Forbidden: may not be specified for non-apply patch"
        )


def apply(
    media_type: str,
    target: Object,
    patch: Any,
    *,
    is_custom: bool,
    schema: Mapping[str, Any] | None = None,
) -> Object:
    """Return `target` as changed by a patch of this content type; `target` may be changed too.

    Raises:
        ApiError: 415 for an unknown kind of patch, 400 for one that is malformed, 422 for a JSON
            Patch that does not apply.

    """
    kinds: dict[str, Callable[[Object, Any], Object]] = {
        JSON_PATCH: _json_patch,
        MERGE_PATCH: merge,
        # An apply merges lists of built-in kinds by key as a strategic patch does.
        APPLY_PATCH: _with_atomic_maps(schema) if is_custom else strategic_merge,
    }
    if not is_custom:
        kinds[STRATEGIC_PATCH] = strategic_merge
    if media_type not in kinds:
        raise unsupported_media_type(
            "the body of the request was in an unknown format - accepted media types include: "
            + ", ".join(kinds)
        )
    if media_type != JSON_PATCH and not isinstance(patch, dict):
        raise bad_request("a patch of this kind is a JSON object")
    return kinds[media_type](target, patch)


def _with_atomic_maps(schema: Mapping[str, Any] | None) -> Callable[[Object, Any], Object]:
    """Return a merge that takes what is atomic, at the top of an object, as the patch has it."""
    declared = (schema or {}).get("properties") or {}
    whole = {name for name, part in declared.items() if part.get(_MAP_TYPE) == "atomic"}

    def applied(target: Object, patch: Any) -> Object:
        rest = {name: value for name, value in target.items() if name not in whole & patch.keys()}
        merged: Object = merge(rest, patch)
        return merged

    return applied


def merge(target: Any, patch: Any) -> Any:
    """Return the JSON Merge Patch (RFC 7396) of `target`: null deletes, lists are replaced."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def _json_patch(target: Object, patch: Any) -> Object:
    import jsonpatch  # 30 ms that a start does not need

    if not isinstance(patch, list):
        raise bad_request("a JSON Patch is a list of operations")
    try:
        patched = jsonpatch.JsonPatch(patch).apply(target, in_place=True)
    except jsonpatch.JsonPatchTestFailed as error:
        # The library tells Python's types and values.
        raise unprocessable("a test of the JSON Patch failed: the value is another") from error
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
        raise unprocessable(str(error)) from error
    if not isinstance(patched, dict):
        raise unprocessable("the patch leaves something that is not an object")
    return patched


def strategic_merge(target: Any, patch: Any) -> Any:
    """Return the strategic merge of `target`: lists of named elements are merged by name."""
    if not isinstance(patch, dict):
        return patch
    if patch.get(_DIRECTIVE) == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    merged = dict(target) if isinstance(target, dict) else {}
    if _RETAIN in patch:
        merged = {key: value for key, value in merged.items() if key in patch[_RETAIN]}
    for key, value in patch.items():
        _merge_field(merged, key, value)
    return merged


def _merge_field(merged: dict[str, Any], key: str, value: Any) -> None:
    if key.startswith(_DELETE_FROM):
        name = key.removeprefix(_DELETE_FROM)
        merged[name] = [item for item in _listed(merged.get(name)) if item not in _listed(value)]
    elif key in (_DIRECTIVE, _RETAIN) or key.startswith(_ORDER):
        return
    elif value is None or (isinstance(value, dict) and value.get(_DIRECTIVE) == "delete"):
        merged.pop(key, None)
    elif isinstance(value, list):
        merged[key] = _merge_list(key, _listed(merged.get(key)), value)
    else:
        merged[key] = strategic_merge(merged.get(key), value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _merge_list(name: str, target: list[Any], patch: list[Any]) -> list[Any]:
    if name in _MERGED_VALUES:
        return [*target, *(item for item in patch if item not in target)]
    merge_key = _MERGE_KEYS.get(name)
    if merge_key is None or not all(isinstance(item, dict) for item in patch):
        return patch
    if any(item == {_DIRECTIVE: "replace"} for item in patch):
        return [item for item in patch if _DIRECTIVE not in item]
    if any(isinstance(item.get(merge_key), dict | list) for item in patch):
        raise bad_request(f"{merge_key} of an element of {name} is no name")
    merged = {item.get(merge_key): item for item in target if isinstance(item, dict)}
    for item in patch:
        identity = item.get(merge_key)
        if item.get(_DIRECTIVE) == "delete":
            merged.pop(identity, None)
        else:
            merged[identity] = strategic_merge(merged.get(identity), item)
    return list(merged.values())
