"""Reads NAME.config.json, what the owner of a notebook wrote beside it."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from podbook_catalog.folder.regular_files import read_text
from podbook_catalog.settings.commented_json import MalformedJson, parse
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.mistakes import check
from podbook_crds.resources.example import COUNT_LIMIT, Example
from podbook_crds.resources.notebook import (
    Defaults,
    Exposure,
    InputValidation,
    OutputValidation,
    Runtime,
    Schema,
)
from podbook_crds.resources.overrides import Overrides
from podbook_crds.resources.report import Presented
from podbook_crds.resources.serving.answers import Cache
from podbook_crds.resources.serving.warm import Warm
from podbook_crds.resources.webhook import Webhook

# Far above what a notebook's resource takes.
CONFIG_LIMIT: Final = 16 * 1024 * 1024


class Config(Presented):
    """A notebook's own settings, all optional; those of podbook.toml hold where one is not set."""

    schema_address: str | None = Field(
        default=None, alias="$schema", description="For editors: /schemas/config.json of a server."
    )
    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="What callers name it by; else its path below the folder.",
    )
    input: Schema | None = None
    output: Schema | None = None
    output_validation: OutputValidation | None = None
    input_validation: InputValidation | None = None
    mcp: Exposure | None = None
    requirements: list[str] | None = Field(
        default=None,
        description="What pip would be told to install; instead of the same in the first cell.",
    )
    runtime: Runtime = Runtime()
    overrides: Overrides | None = None
    defaults: Defaults = Defaults()
    warm: Warm | None = Field(default=None, description="Pods that are made before anybody calls.")
    cache: Cache | None = Field(
        default=None, description="When the answer of a run is given again."
    )
    # The Secret is made with kubectl.
    webhook: Webhook | None = Field(
        default=None, description="Who is told of the end of every run over the API."
    )
    examples: list[Example] = Field(
        default_factory=list,
        max_length=COUNT_LIMIT,
        description="Calls with what becomes of them: shown to people, run by `podbook test`.",
    )
    files: list[str] | None = Field(
        default=None,
        description="Globs of what its runs find beside it, below the catalog's folder; below the "
        "notebook's own where they begin with ./ or ../",
    )


def read_config(path: Path, *, catalog: dict[str, Any]) -> Config:
    """Return the settings in the file, on top of the catalog's own; raises Mistaken.

    catalog holds what podbook.toml says for all notebooks, such as `runtime` and `defaults`. The
    file may be missing: then the catalog's settings are all there is.
    """
    try:
        own = parse(read_text(path, limit=CONFIG_LIMIT))
    except FileNotFoundError:
        own = {}
    except MalformedJson as error:
        raise Mistaken(f"{path.name}, {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Mistaken(f"{path.name} cannot be read: {why}") from error
    try:
        check(own, Config)
    except Mistaken as error:
        raise Mistaken(f"{path.name}: {error}") from error
    return Config.model_validate(json.loads(json.dumps(merged(catalog, own))))


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return both in one, objects merged key by key, `above` winning.

    A schema is not merged: `input` and `output` never stand in podbook.toml.
    """
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        nested = isinstance(old, dict) and isinstance(value, dict)
        both[key] = merged(old, value) if nested else value  # type: ignore[arg-type]
    return both
