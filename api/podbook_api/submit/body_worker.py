"""Reads one large body after the other: `python -m podbook_api.submit.body_worker`.

A process of its own, bounded: what it reads was written by whoever called.
"""

import json
import sys
from typing import Any, Final

from podbook_api.http.large_bodies import NO_JSON, TOO_LARGE
from podbook_api.submit import inline
from podbook_crds import names
from podbook_crds.bounded_processes.serving import Refusal, serve
from podbook_crds.errors import InvalidNotebook
from podbook_crds.formats import strict_json

# Of all but the notebook: the parameters, and what else a request may say.
_REST: Final = names.PARAMETERS_LIMIT + 64 * 1024

_CACHE: Final = 1024


def read(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return a line about the value, and after it the text of the notebook in it."""
    try:
        value = strict_json.parse(parts[0])
    except strict_json.NotJson as error:
        raise Refusal(f"{NO_JSON}{error}") from error
    ipynb = value.pop("ipynb", None) if isinstance(value, dict) else None
    said: dict[str, Any] = {"has_ipynb": isinstance(ipynb, str | dict)}
    text = ""
    if isinstance(ipynb, str | dict):
        text = ipynb if isinstance(ipynb, str) else strict_json.text(ipynb)
        said |= _of(text if isinstance(ipynb, str) else ipynb)
    elif ipynb is not None:
        value["ipynb"] = ipynb
    rest = strict_json.text(value)
    if (size := len(rest.encode())) > _REST:
        limit = names.PARAMETERS_LIMIT
        raise Refusal(f"{TOO_LARGE}the request is {size} bytes of JSON; parameters may be {limit}")
    line = json.dumps({**said, "value": value}).encode()
    return b"\n".join([line, text.encode("utf-8", "surrogatepass")])


def _of(ipynb: str | dict[str, Any]) -> dict[str, Any]:
    try:
        said = inline.said_by(ipynb)
    except InvalidNotebook as error:
        return {"language": None, "problem": str(error), "cache": None}
    return {"language": said.language, "problem": None, "cache": _small(said.cache)}


def _small(cache: Any) -> Any:
    """Return what a notebook says of its cache, where it is no more than that takes."""
    return cache if cache is None or len(json.dumps(cache)) <= _CACHE else str(type(cache))


if __name__ == "__main__":
    serve(read, memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
