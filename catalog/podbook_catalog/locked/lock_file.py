"""Reads podbook.lock.json: the schemas of shared models, and the locks of environments.

`podbook render DIR --lock` writes it where the models can be imported, and uv is. Whoever reads
the folder without running anything of it, as the loader of a Git repository does, believes it as
far as the sources are those that it was made of.
"""

import json
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from podbook_catalog.environments.needs import Needs
from podbook_catalog.folder.regular_files import read_text
from podbook_catalog.folder.scan import LOCK_FILE
from podbook_catalog.settings.errors import Mistaken
from podbook_crds.content import canonical
from podbook_crds.formats.digests import digest_of
from podbook_crds.formats.json_pointers import pointer_step
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import SharedModel

_LIMIT: Final = 16 * 1024 * 1024


class LockedModule(Model):
    """The models of one module, for the notebooks that look for it in the same places."""

    module: str
    # Where it is looked for first, seen from the catalog's folder; empty for that itself.
    folder: str = ""
    python_path: list[str] = Field(default_factory=list)
    # The folder's files that were imported, with their digests.
    sources: dict[str, str] = Field(default_factory=dict)
    models: dict[str, SharedModel] = Field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What is the same for notebooks that find the same."""
        return self.folder, self.module, tuple(self.python_path)


class LockedEnvironment(Model):
    """What needs were resolved to: one requirement a line, exact, with its hashes."""

    requirements: list[str]
    python: str = ""
    lock: list[str]

    @property
    def needs(self) -> Needs:
        """What it is the lock of."""
        return Needs(tuple(self.requirements), self.python)

    @property
    def digest(self) -> str:
        """What it is called where an image holds it: equal locks are one environment."""
        return digest_of(canonical([self.python, *self.lock]))


class LockFile(Model):
    """The whole file."""

    models: list[LockedModule] = Field(default_factory=list)
    environments: list[LockedEnvironment] = Field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Tell whether it says nothing: then no folder needs it."""
        return not self.models and not self.environments

    @property
    def text(self) -> str:
        """What is written: the same text for the same content."""
        return json.dumps(self.to_wire(), indent=1, sort_keys=True) + "\n"


def read_lock(root: Path) -> LockFile | None:
    """Return the folder's; None where it has none. Raises Mistaken."""
    try:
        return LockFile.model_validate(json.loads(read_text(root / LOCK_FILE, limit=_LIMIT)))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError, OSError) as error:
        said = f"{LOCK_FILE}: {_why(error)}; make it anew: `podbook render DIR --lock`"
        raise Mistaken(said) from error


def _why(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    place = "".join(map(pointer_step, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
