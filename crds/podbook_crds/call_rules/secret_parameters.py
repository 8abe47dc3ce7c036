"""What a contract calls secret: shown to nobody, in no view, whoever may read the rest."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.formats.json_pointers import steps
from podbook_crds.resources.notebook import Schema, SharedModel

MASK: Final = "•••"

# A schema beyond that is taken for one that hides something.
_LARGEST: Final = 20_000


def secret_names(schema: Schema | None, models: Mapping[str, SharedModel]) -> frozenset[str]:
    """Return the parameters that are `writeOnly` or passwords, or hold what is."""
    properties = (schema or {}).get("properties")
    declared = properties if isinstance(properties, dict) else {}
    return frozenset(
        name for name, below in declared.items() if _is_secret(below, schema or {}, models)
    )


def masked(parameters: Mapping[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    """Return the parameters with a mask in the places of those."""
    return {name: MASK if name in secrets else value for name, value in parameters.items()}


def _is_secret(node: Any, root: Schema, models: Mapping[str, SharedModel]) -> bool:
    waiting: list[tuple[Any, Schema]] = [(node, root)]
    seen: set[str] = set()
    for _ in range(_LARGEST):
        if not waiting:
            return False
        current, within = waiting.pop()
        if isinstance(current, dict):
            if current.get("writeOnly") is True or current.get("format") == "password":
                return True
            waiting += _referred(current.get("$ref"), within, models, seen)
        waiting += [(child, within) for child in _children(current)]
    return True


def _children(node: Any) -> Iterator[Any]:
    found = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    yield from (child for child in found if isinstance(child, dict | list))


def _referred(
    reference: Any, root: Schema, models: Mapping[str, SharedModel], seen: set[str]
) -> list[tuple[Any, Schema]]:
    """Return what a reference leads to, once: within the document, or a shared model."""
    key = f"{id(root)}{reference}"
    if not isinstance(reference, str) or key in seen:
        return []
    seen.add(key)
    if reference.startswith(MODEL_SCHEME):
        model = models.get(reference.removeprefix(MODEL_SCHEME))
        return [] if model is None else [(model.json_schema, model.json_schema)]
    target: Any = root
    for step in steps(reference.removeprefix("#")):
        target = target.get(step) if isinstance(target, dict) else None
    return [(target, root)]
