"""Makes what a kernel shows fit the notebook format: what does not fit gives way to a sentence."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from nbformat import NotebookNode, from_dict

DISPLAYS: Final = frozenset({"display_data", "execute_result", "update_display_data"})
OUTPUTS: Final = DISPLAYS | {"stream", "error"}

# As the notebook format has it: only under these names may stand what is no text.
_JSON_TYPE: Final = re.compile(r"^application/(.*\+)?json$")
_TEXT: Final = "text/plain"
_KINDS: Final = {bool: "a boolean", int: "a number", float: "a number", list: "a list"}

Content = dict[str, Any]


def marker(sentence: str) -> str:
    """Return the line that stands in the notebook for what is not there."""
    return f"[Podbook: {sentence}]"


def marked(sentence: str) -> NotebookNode:
    """Return an output that stands for one that is not there."""
    data = {_TEXT: marker(sentence)}
    return as_output("display_data", {"data": data, "metadata": {}})


def leave_out(data: dict[str, Any], kind: str, sentence: str) -> None:
    """Take one form out of a display's data; its text says so, where there is one and where not."""
    del data[kind]
    text = data.get(_TEXT)
    lines = [text] if isinstance(text, str) else text if isinstance(text, list) else []
    data[_TEXT] = "\n".join(["".join(lines)] * bool(lines) + [marker(sentence)])


def mended(kind: str, content: Content) -> tuple[Content, list[str]]:
    """Return a message's content as the notebook format takes it, and what did not fit.

    kind is the message's type; what is no output stays as it is, but for its count.
    """
    problems: list[str] = []
    if kind == "stream":
        content = _stream(content, problems)
    elif kind == "error":
        content = _error(content)
    elif kind in DISPLAYS:
        content = _display(content, problems)
    if "execution_count" in content or kind == "execute_result":
        content = {**content, "execution_count": _count(content.get("execution_count"))}
    return content, problems


def as_output(kind: str, content: Mapping[str, Any]) -> NotebookNode:
    """Return the output that a mended message stands for."""
    members = {
        "stream": ("name", "text"),
        "error": ("ename", "evalue", "traceback"),
        "execute_result": ("data", "metadata", "execution_count"),
    }.get(kind, ("data", "metadata"))
    output: NotebookNode = from_dict({"output_type": kind, **{m: content[m] for m in members}})
    return output


def _stream(content: Content, problems: list[str]) -> Content:
    name, text = content.get("name"), content.get("text")
    if _is_lines(text):
        text = "".join(text or ())
    if not isinstance(text, str):
        problems.append(f"what was printed is {_said(text)}, not text")
        text = f"{marker(problems[-1])}\n"
    return {"name": name if isinstance(name, str) else "stdout", "text": text}


def _error(content: Content) -> Content:
    lines = content.get("traceback")
    return {
        "ename": _text(content.get("ename")),
        "evalue": _text(content.get("evalue")),
        "traceback": [_text(line) for line in lines] if isinstance(lines, list) else [],
    }


def _display(content: Content, problems: list[str]) -> Content:
    metadata, transient = content.get("metadata"), content.get("transient")
    if metadata is not None and not isinstance(metadata, dict):
        problems.append(f"the metadata of an output is {_said(metadata)}, not an object")
    display = transient.get("display_id") if isinstance(transient, dict) else None
    return {
        **content,
        "data": _data(content.get("data"), problems),
        "metadata": metadata if isinstance(metadata, dict) else {},
        "transient": {"display_id": display} if isinstance(display, str) else {},
    }


def _data(given: object, problems: list[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        problems.append(f"the data of an output is {_said(given)}, not an object")
        return {_TEXT: marker(problems[-1])}
    data = {kind: _value(kind, value) for kind, value in given.items()}
    for kind, value in given.items():
        if data[kind] is None and not _JSON_TYPE.search(kind):
            problems.append(f"{kind[:100]} was left out: it is {_said(value)}, not text")
            leave_out(data, kind, problems[-1])
    return data


def _value(kind: str, value: object) -> object:
    """Return what may stand under a MIME type; None for what may not, and for JSON's null."""
    if isinstance(value, str) or _is_lines(value) or _JSON_TYPE.search(kind):
        return value
    if isinstance(value, dict | list) and kind.startswith("application/"):
        # Such as application/vnd.vegalite.v6.json, which the format knows as text alone.
        return json.dumps(value, ensure_ascii=False)
    return None


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _is_lines(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _said(value: object) -> str:
    if value is None:
        return "null"
    return _KINDS.get(type(value), "an object" if isinstance(value, dict) else "text")
