"""Makes a notebook's schemas stand on their own: shared models brought into the document."""

from collections.abc import Mapping
from typing import Any, Final

from podbook_crds.contracts import MODEL_SCHEME
from podbook_crds.notebook import SharedModel

Schema = dict[str, Any]

_DEFINITIONS: Final = ("$defs", "definitions")
_HERE: Final = "#/definitions/"


def resolved(schema: Schema, models: Mapping[str, SharedModel]) -> Schema:
    """Return the schema with its models where they are referred to.

    Exactly as written where it refers to no model. A model that leads back to itself stands in
    `definitions` as well, and is referred to there.
    """
    found: Schema = {}
    whole = localised(schema, models, found, base=_HERE)
    if not found:
        return schema
    kept: Schema = {}
    inlined: Schema = _inlined(whole, found, kept, ())
    if kept:
        inlined["definitions"] = {**inlined.get("definitions", {}), **kept}
    return inlined


def _inlined(node: Any, found: Schema, kept: Schema, path: tuple[str, ...]) -> Any:
    """Path holds the definitions that the node stands inside of."""
    if isinstance(node, list):
        return [_inlined(child, found, kept, path) for child in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix(_HERE)
    if name in path:
        if name not in kept:
            kept[name] = {}  # Before what is inside, which leads here again.
            kept[name] = _inlined(found[name], found, kept, (name,))
        return node
    if name not in found:
        return {key: _inlined(value, found, kept, path) for key, value in node.items()}
    beside = {key: value for key, value in node.items() if key != "$ref"}
    return {**_inlined(found[name], found, kept, (*path, name)), **beside}


def localised(
    schema: Schema, models: Mapping[str, SharedModel], found: Schema, *, base: str, prefix: str = ""
) -> Schema:
    """Return the schema with nbschema://alias as a reference below base; fill found with them.

    prefix goes before every name in found.
    """
    rewritten: Schema = _rewritten(schema, models, found, base=base, prefix=prefix, own=None)
    return rewritten


def _rewritten(
    node: Any,
    models: Mapping[str, SharedModel],
    found: Schema,
    *,
    base: str,
    prefix: str,
    own: str | None,
) -> Any:
    """Own is the name of the model that the node is part of: its definitions move beside it."""

    def again(child: Any) -> Any:
        return _rewritten(child, models, found, base=base, prefix=prefix, own=own)

    if isinstance(node, list):
        return [again(child) for child in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(MODEL_SCHEME):
        alias = reference.removeprefix(MODEL_SCHEME)
        _bring(alias, models, found, base=base, prefix=prefix)
        return {
            **{k: again(v) for k, v in node.items() if k != "$ref"},
            "$ref": f"{base}{prefix}{alias}",
        }
    if own is not None and isinstance(reference, str) and reference.startswith("#"):
        return {**node, "$ref": f"{base}{_inner(own, reference)}"}
    return {key: again(value) for key, value in node.items()}


def _bring(
    alias: str, models: Mapping[str, SharedModel], found: Schema, *, base: str, prefix: str
) -> None:
    name = f"{prefix}{alias}"
    if name in found or alias not in models:
        return
    found[name] = {}  # Before what is inside: a model may lead back to itself.
    schema = models[alias].json_schema
    for key in _DEFINITIONS:
        inner = schema.get(key)
        for title, definition in inner.items() if isinstance(inner, dict) else ():
            found[f"{name}.{title}"] = _rewritten(
                definition, models, found, base=base, prefix=prefix, own=name
            )
    own = {key: value for key, value in schema.items() if key not in _DEFINITIONS}
    found[name] = _rewritten(own, models, found, base=base, prefix=prefix, own=name)


def _inner(own: str, reference: str) -> str:
    """Turn `#/$defs/When` of a model into `model.When`, and `#` into the model."""
    parts = reference.lstrip("#").strip("/").split("/")
    if len(parts) > 1 and parts[0] in _DEFINITIONS:
        return "/".join([f"{own}.{parts[1]}", *parts[2:]])
    return "/".join([own, *(part for part in parts if part)])
