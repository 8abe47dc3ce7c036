"""Brings what a file says of itself into the form that runs: scripts and editors leave odd ones."""

from typing import Any, Final

Raw = dict[str, Any]

# Members that the notebook format gives a type.
_CELL: Final[dict[str, type]] = {"name": str, "collapsed": bool, "scrolled": bool, "jupyter": dict}
_NOTEBOOK: Final[dict[str, type]] = {"title": str, "authors": list, "orig_nbformat": int}


def mended(notebook: Raw) -> Raw:
    """Return the notebook with its metadata of the right types; what fits none is left out."""
    metadata = _typed(notebook.get("metadata"), _NOTEBOOK)
    kernelspec = _kernelspec(metadata.pop("kernelspec", None))
    if kernelspec:
        metadata["kernelspec"] = kernelspec
    if not isinstance(_object(metadata.get("language_info")).get("name"), str):
        metadata.pop("language_info", None)
    changed = {**notebook, "metadata": metadata}
    if isinstance(notebook.get("cells"), list):
        changed["cells"] = [_cell(cell) for cell in notebook["cells"]]
    return changed


def tags(given: object) -> list[str]:
    """Return the tags; a text holds several as people write them."""
    found = given.split(",") if isinstance(given, str) else given
    if not isinstance(found, list):
        return []
    names = (tag.strip() for tag in found if isinstance(tag, str))
    return list(dict.fromkeys(name for name in names if name))


def language_info(info: Raw, language: str) -> Raw:
    """Return what the kernel says of its language, or only its name where it says nothing."""
    said = _object(info.get("language_info"))
    return said if isinstance(said.get("name"), str) else {"name": language}


def _kernelspec(given: object) -> Raw:
    """Return a whole kernelspec; one without a name is none."""
    spec = _object(given)
    name, shown = spec.get("name"), spec.get("display_name")
    if not isinstance(name, str):
        return {}
    return {**spec, "display_name": shown if isinstance(shown, str) else name}


def _cell(given: object) -> object:
    if not isinstance(given, dict):
        return given
    metadata = _typed(given.get("metadata"), _CELL)
    metadata["tags"] = tags(metadata.get("tags"))
    source = given.get("source")
    if source is None:
        source = given.get("input", "")  # As format 3 called it.
    lines = source if isinstance(source, list) else [source]
    return {**given, "metadata": metadata, "source": "".join(map(str, lines))}


def _object(given: object) -> Raw:
    return dict(given) if isinstance(given, dict) else {}


def _typed(given: object, types: dict[str, type]) -> Raw:
    """Return an object without the members that are of another type than they must be."""
    return {
        name: value
        for name, value in _object(given).items()
        if name not in types or isinstance(value, types[name]) or value == "auto"
    }
