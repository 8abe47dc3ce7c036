"""Puts a notebook's runtime into the environment that it says it needs."""

from typing import Any, Final

from podbook_catalog.entries.config import Config
from podbook_catalog.entries.reading import Place
from podbook_catalog.environments.needs import needs_of
from podbook_catalog.settings.errors import Mistaken
from podbook_crds.resources.notebook import Runtime

# History is off: kernels that share a HOME would wait for each other's lock on its file.
_KERNEL: Final = ("-m", "ipykernel_launcher", "-f", "{connection_file}")
_OPTIONS: Final = ("--HistoryManager.enabled=False",)
_PYTHON: Final = "python"


def provided(runtime: Runtime, notebook: dict[str, Any], config: Config, place: Place) -> Runtime:
    """Return the runtime in its environment, unchanged where nothing is needed.

    Where none is made, as the runs will be elsewhere, the runtime names the needs: what cannot be
    honoured there is refused, and never run without. Raises Mistaken and NoEnvironment.
    """
    needs = needs_of(notebook, config.requirements)
    if needs is None:
        return runtime
    if runtime.language != _PYTHON:
        raise Mistaken(f"it says which packages it needs, and its language is {runtime.language}")
    if config.runtime.command is not None:
        raise Mistaken(
            "/runtime/command: what it needs is put into an environment with a command of its own;"
            " keep the command, or the requirements"
        )
    if place.environments is None:
        lock = place.locks and place.locks.environment(needs)
        named = lock or f"unlocked:{needs.key}"
        place.needs[named] = needs
        return runtime.model_copy(update={"environment": named})
    made = place.environments.get(needs)
    command = [str(made.python), *_KERNEL, *_OPTIONS]
    return runtime.model_copy(update={"command": command, "environment": made.lock})
