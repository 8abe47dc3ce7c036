"""What two calls have in common that ask for the same."""

from collections.abc import Mapping
from typing import Any

from podbook_crds import names
from podbook_crds.call_rules.defaults import filled
from podbook_crds.content import canonical, digest_hex
from podbook_crds.resources.notebook import Schema


def parameters_hash(parameters: Mapping[str, Any], schema: Schema | None) -> str:
    """Return the same for the same parameters, spelled out or by default."""
    return digest_hex(canonical(filled(parameters, schema)))[: names.PARAMETERS_HASH_LENGTH]
