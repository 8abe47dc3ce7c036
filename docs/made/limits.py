"""Writes the reference of the limits, each read where it is set."""

from datetime import timedelta
from importlib import import_module
from typing import Final

from docs.made.limit_table import TABLES, Limit, Unit

from podbook_api.settings import Settings
from podbook_crds.resources.notebook import Defaults

_HEAD: Final = """\
# Limits

What is more than a limit is refused or cut with a sentence that names the limit; nothing is lost in
silence. Whoever runs Podbook lowers what calls may ask for by
[`operator.config.limits`](../how-to/operations.md#the-operators-configuration).
"""
_COLUMNS: Final = "| of what | limit | beyond it | set in |\n|---|---|---|---|\n"
_SETTINGS: Final = """\

## Settings of the API

| of what | limit | beyond it | set by |
|---|---|---|---|
"""
_USUAL: Final = """\

## What holds where nobody says otherwise

A call, or `defaults` of a notebook's config, says otherwise; durations are in seconds.

| key | default | what it is |
|---|---|---|
"""

# Of settings that bound something: what of, in which unit, and what happens beyond.
SETTINGS: Final = {
    "body_limit": ("the body of a request", Unit.BYTES, "413"),
    "artifact_limit": ("one artifact", Unit.BYTES, "it is not kept: `artifacts-lost`"),
    "queue_limit": ("runs that wait for a slot", Unit.COUNT, "429"),
    "check_seconds": ("one check of values by a contract", Unit.SECONDS, "422, which says so"),
    "mcp_wait_seconds": ("how long a tool's call waits", Unit.SECONDS, "a handle"),
    "mcp_tools": ("notebooks that are each a tool", Unit.COUNT, "called by `run_notebook`"),
}


def limits() -> str:
    """Return the text of the document."""
    tables = "".join(
        f"\n## {title}\n\n{_COLUMNS}{''.join(_row(limit) for limit in limits)}"
        for title, limits in TABLES.items()
    )
    return f"{_HEAD}{_usual()}{_settings()}{tables}"


def value_of(home: str) -> int:
    """Return the limit that is set there, as module:NAME says."""
    module, _, name = home.partition(":")
    found = getattr(import_module(module), name)
    return int(found.total_seconds() if isinstance(found, timedelta) else found)


def _row(limit: Limit) -> str:
    shown, module = _shown(value_of(limit.home), limit.unit), limit.home.partition(":")[0]
    return f"| {limit.what} | {shown} | {limit.beyond} | `{module}` |\n"


def _settings() -> str:
    """Show the API's own settings that bound something, with the variable that sets each."""
    rows = ""
    for name, (what, unit, beyond) in SETTINGS.items():
        shown = _shown(Settings.model_fields[name].default, unit)
        rows += f"| {what} | {shown} | {beyond} | `PODBOOK_{name.upper()}` |\n"
    return _SETTINGS + rows


def _usual() -> str:
    """Show what holds of a call where neither it nor its notebook says otherwise."""
    rows = ""
    for field in Defaults.model_fields.values():
        default = "none" if field.default is None else f"{field.default}".lower()
        rows += f"| `{field.alias}` | {default} | {field.description or ''} |\n"
    return _USUAL + rows


def _shown(value: float, unit: Unit) -> str:
    """Say 16777216 bytes as 16 MiB, with the exact number where that is not it."""
    if unit is Unit.BYTES:
        for power, name in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
            if value >= 1 << power and value % (1 << power) == 0:
                return f"{int(value) >> power} {name}"
    number = f"{value:,.0f}".replace(",", " ")
    return f"{number} {unit}".rstrip()
