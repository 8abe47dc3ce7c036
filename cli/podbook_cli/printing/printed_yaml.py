"""Writes YAML that every reader takes as it was meant: PyYAML, kubectl, YAML 1.1 and 1.2."""

from typing import Any, Final

import yaml

# What one reader or another takes for a boolean or for nothing; kubectl also `y` and `n`.
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


class _Dumper(yaml.SafeDumper):
    """Quotes each text that begins as no word does: `1e3` is a number to kubectl, not to PyYAML."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_plain = text[:1].isalpha() and text.casefold() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else "'")


_Dumper.add_representer(str, _text)


def yaml_text(value: Any, *, sort_keys: bool = False, width: int | None = None) -> str:
    """Return a value of JSON as YAML, its characters as they are."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=sort_keys, allow_unicode=True, width=width
    )
    return text
