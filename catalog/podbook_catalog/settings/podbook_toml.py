"""Reads podbook.toml, what holds for every notebook of a catalog folder."""

import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from podbook_catalog.folder.regular_files import read_text
from podbook_catalog.folder.scan import SETTINGS_FILE
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.mistakes import check
from podbook_crds.names import CATALOG_NAME_PATTERN
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import (
    Defaults,
    Exposure,
    InputValidation,
    OutputValidation,
    Runtime,
)
from podbook_crds.resources.overrides import Overrides

SETTINGS_LIMIT: Final = 1024 * 1024


class Versions(Model):
    """How many versions of a notebook a server keeps to go back to, and for how long."""

    keep: int = Field(default=10, ge=1, le=100)
    days: int = Field(default=90, ge=1, le=3650)


class Settings(Model):
    """The settings of a catalog folder, all optional."""

    # What the catalog is called where it is pushed; else as the folder.
    name: str | None = Field(default=None, pattern=CATALOG_NAME_PATTERN)
    versions: Versions = Versions()
    # The kernel's interpreter, relative to the folder.
    python: str | None = None
    slots: int | None = Field(default=None, ge=1)
    # Modules with ModelCollections, beside the notebooks or in the kernel's environment.
    models: list[str] = Field(default_factory=lambda: ["models"])
    skip: list[str] = Field(default_factory=list)
    # For notebooks whose own config does not say otherwise.
    output_validation: OutputValidation | None = None
    input_validation: InputValidation | None = None
    mcp: Exposure | None = None
    runtime: Runtime = Runtime()
    overrides: Overrides | None = None
    defaults: Defaults = Defaults()
    files: list[str] | None = None

    def for_notebooks(self) -> dict[str, Any]:
        """Return what a notebook's own config is laid on top of."""
        shared = {
            "output_validation",
            "input_validation",
            "mcp",
            "runtime",
            "overrides",
            "defaults",
            "files",
        }
        return self.model_dump(mode="json", by_alias=True, include=shared, exclude_unset=True)


def read_settings(root: Path) -> Settings:
    """Return the settings of the folder; raises Mistaken, naming the file and the place."""
    try:
        values = tomllib.loads(read_text(root / SETTINGS_FILE, limit=SETTINGS_LIMIT))
    except FileNotFoundError:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Mistaken(f"{SETTINGS_FILE}: {error}") from error
    try:
        check(values, Settings)
    except Mistaken as error:
        raise Mistaken(f"{SETTINGS_FILE}: {error}") from error
    return Settings.model_validate(values)
