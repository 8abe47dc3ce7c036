"""Warns of parameters that are called like secrets and shown like everything else."""

import re
from itertools import pairwise
from typing import Any, Final

from podbook_catalog.checks.faults import Fault
from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.entries.draft import config_path
from podbook_crds.call_rules.secret_parameters import secret_names
from podbook_crds.formats.json_pointers import escaped

# The words of `api_key`, `apiKey`, `API-KEY`.
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# `max_tokens` is a number of something, `token` is not.
_SECRET: Final = {"token", "password", "passwd", "passphrase", "secret", "credentials", "apikey"}
_KEYS: Final = {"api", "access", "private", "secret"}
# What holds no secret, whatever its name.
_PLAIN: Final = {"boolean", "integer", "number"}


def of_unmasked(entry: Entry) -> list[Fault]:
    """Return a warning for each; pages, lists and logs mask what a contract calls secret."""
    schema = entry.spec.input or {}
    properties = schema.get("properties")
    declared = properties if isinstance(properties, dict) else {}
    masked = secret_names(schema, entry.spec.models)
    return [
        _fault(entry, name)
        for name, below in declared.items()
        if _is_like_a_secret(name) and name not in masked and not _is_plain(below)
    ]


def _is_like_a_secret(name: str) -> bool:
    """Tell whether people call a secret so: one word of it says so, or `key` after its kind."""
    words = [word.lower() for word in _WORDS.findall(name)]
    is_key = any(kind in _KEYS and noun == "key" for kind, noun in pairwise(words))
    return is_key or not _SECRET.isdisjoint(words)


def _is_plain(below: Any) -> bool:
    return isinstance(below, dict) and below.get("type") in _PLAIN


def _fault(entry: Entry, name: str) -> Fault:
    said = (
        f"the parameter `{name}` is called like a secret, and shown to everybody who may look:"
        " take it from a Secret by `runtime.envFrom`, or say `writeOnly: true` in the contract"
    )
    if entry.spec.inferred:
        return Fault(entry.path.as_posix(), "", said, is_error=False)
    at = f"/input/properties/{escaped(name)}"
    return Fault(config_path(entry.path).as_posix(), at, said, is_error=False)
