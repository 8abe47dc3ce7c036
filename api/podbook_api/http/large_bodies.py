"""Reads large bodies in processes: JSON of 16 MiB may take longer than others can be kept waiting.

A process gives back the notebook that came along as text, and everything else, which is small.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds.bounded_processes.pool import Full, Pool, TooLong
from podbook_crds.bounded_processes.process import Ended, Refused
from podbook_crds.errors import Busy, PodbookError
from podbook_crds.formats import strict_json

# What takes a few milliseconds is read where it came.
AT_ONCE: Final = 64 * 1024

_MODULE: Final = "podbook_api.submit.body_worker"
_PROCESSES: Final = 2
_SECONDS: Final = 20
_MEMORY: Final = 768 * 1024**2
_PATIENCE: Final = 10

# How a refusal of the process begins that is about the JSON, or about what is too much of it.
NO_JSON: Final = "no json: "
TOO_LARGE: Final = "too large: "


class BodyTooLarge(PodbookError):
    """It takes more time or memory to read than a body may."""


class ParametersTooLarge(PodbookError):
    """There is more beside the notebook than parameters may be."""


@dataclass(frozen=True, slots=True)
class CameAlong:
    """A notebook that came with a request and was read: its language, or why it is none."""

    language: str | None
    problem: str | None
    # As it stands in its metadata.
    cache: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON value of a body, and what was found of its member `ipynb` where it was large."""

    value: Any
    came_along: CameAlong | None = None


class LargeBodies:
    """A few bounded processes that read."""

    def __init__(self, *, memory: int = _MEMORY) -> None:
        self._pool = Pool(
            _MODULE, processes=_PROCESSES, seconds=_SECONDS, memory=memory, patience=_PATIENCE
        )

    async def read(self, data: bytes) -> Body:
        """Return the body; raise NotJson, Busy, BodyTooLarge or ParametersTooLarge."""
        if len(data) <= AT_ONCE:
            return Body(strict_json.parse(data))
        try:
            return _body(await self._pool.ask({}, data))
        except Refused as error:
            said = str(error)
            if said.startswith(NO_JSON):
                raise strict_json.NotJson(said.removeprefix(NO_JSON)) from error
            if said.startswith(TOO_LARGE):
                raise ParametersTooLarge(said.removeprefix(TOO_LARGE)) from error
            raise BodyTooLarge(f"the body cannot be read: {said}") from error
        except (TooLong, Ended) as error:
            raise BodyTooLarge(f"the body cannot be read in bounds: {error}") from error
        except (Full, OSError) as error:
            raise Busy("too many large bodies are being read; try again later") from error

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()


def _body(answer: bytes) -> Body:
    line, _, text = answer.partition(b"\n")
    said = json.loads(line)
    if not said["has_ipynb"]:
        return Body(said["value"])
    value = {**said["value"], "ipynb": text.decode("utf-8", "surrogatepass")}
    return Body(value, CameAlong(said["language"], said["problem"], said["cache"]))
