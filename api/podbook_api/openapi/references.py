"""How one place of the document leads to a schema in another."""

from typing import Any, Final

from pydantic import BaseModel

Schema = dict[str, Any]

COMPONENTS: Final = "#/components/schemas/"


def reference(to: Any) -> Schema:
    """Return a reference to one of the document's schemas, by its name or the type it is of."""
    return {"$ref": f"{COMPONENTS}{to if isinstance(to, str) else to.__name__}"}


def own_schema(model: type[BaseModel]) -> Schema:
    """Return a request model's schema, to stand where it is used; it holds plain JSON only."""
    schema = model.model_json_schema(ref_template=f"{COMPONENTS}{{model}}")
    return {key: value for key, value in schema.items() if key != "$defs"}
