"""Says whether an output fits the config beside a notebook: JSON on stdin, sentences on stdout.

    PYTHON -m podbook_catalog.checks.fits NOTEBOOK

For `save_output` where no run is: it is started by its command line and imports nothing of this.
"""

import json
import os
import sys
from pathlib import Path, PurePosixPath
from typing import Any

from podbook_catalog.entries.config import Config, read_config
from podbook_catalog.entries.draft import config_path
from podbook_catalog.folder.scan import SETTINGS_FILE
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.shared_models import BrokenModels, SharedModels
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.podbook_toml import read_settings
from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.checking.blocking import violations
from podbook_crds.checking.checker import Unchecked
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract
from podbook_crds.resources.notebook import SharedModel


def verdict(notebook: Path, value: Any) -> str:
    """Return sentences about the value; empty where no contract says anything of it."""
    config_file = config_path(notebook)
    try:
        root = _root_of(notebook)
        settings = read_settings(root)
        config = read_config(config_file, catalog=settings.for_notebooks())
        if config.output is None:
            return ""
        contract = Contract(config.output, _models(notebook, root, settings.models, config))
        wrong = violations(value, contract, root="")
    except (Mistaken, BrokenModels, InvalidContract, Unchecked) as error:
        return f"Whether it fits {config_file.name} cannot be told: {error}"
    if not wrong:
        return f"It fits {config_file.name}."
    return "\n".join([f"It does not fit {config_file.name}:", *(f"  {place}" for place in wrong)])


def _root_of(notebook: Path) -> Path:
    """Return the catalog's folder: the nearest with settings, else the notebook's own."""
    above = (folder for folder in notebook.parents if (folder / SETTINGS_FILE).is_file())
    return next(above, notebook.parent)


def _models(
    notebook: Path, root: Path, modules: list[str], config: Config
) -> dict[str, SharedModel]:
    if MODEL_SCHEME not in json.dumps(config.output):
        return {}
    own = Interpreter(Path(sys.executable), Path(sys.prefix), "", "this one")
    models = SharedModels(root, own, os.environ, modules)
    try:
        folder = notebook.parent.relative_to(root)
        return models.read(PurePosixPath(folder), config.runtime.python_path)
    finally:
        models.close()


def main() -> None:
    """Answer on stdout."""
    sys.stdout.write(verdict(Path(sys.argv[1]).absolute(), json.load(sys.stdin)))


if __name__ == "__main__":
    main()
