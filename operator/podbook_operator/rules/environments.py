"""Finds the image that stands for the environment which a notebook says it needs."""

from collections.abc import Mapping

from podbook_crds.resources.notebook import Runtime


def in_its_image(runtime: Runtime, images: Mapping[str, str]) -> Runtime:
    """Return the runtime with the image of its environment, where one is known by its lock."""
    image = images.get(runtime.environment or "")
    if image is None or runtime.image is not None:
        return runtime
    return runtime.model_copy(update={"image": image})


def problem(runtime: Runtime) -> str:
    """Say that nothing here holds what the notebook needs; empty where something does.

    On a laptop the command leads into the environment; an image that its author names is one, too.
    """
    if runtime.environment is None or runtime.command is not None or runtime.image is not None:
        return ""
    return (
        f"the notebook says which packages it needs ({runtime.environment}), and no image holds"
        " them here: `podbook render DIR --dockerfile` writes one to be named under `environments`"
        " in the chart's values; or name another as runtime.image of the notebook"
    )
