"""Shows the notebook as it would run: the runner's own code writes the cell, and no kernel runs."""

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any, Final

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.http.problems import RETRY, Problem
from podbook_api.state.catalog import Entry
from podbook_crds.call_rules import languages
from podbook_crds.content import Content, blob_digest
from podbook_crds.errors import InvalidNotebook, InvalidParameters, Violation
from podbook_crds.protocol.job import Job, JobFile
from podbook_crds.resources.notebook import Runtime

_log = logging.getLogger(__name__)

_SECONDS: Final = 30.0
_AT_ONCE: Final = 2
_REFUSED: Final = 2
_UNWRITABLE: Final = 3
# Characters of what a command said before it ended.
_SHOWN: Final = 4000


class DryRuns:
    """Asks the runner's command for notebooks with their parameters in them."""

    def __init__(self, contents: Contents, namespace: str) -> None:
        self._contents = contents
        self._namespace = namespace
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def notebook(self, entry: Entry, parameters: dict[str, Any]) -> bytes:
        """Return the ipynb with the parameters' cell; raise InvalidNotebook."""
        content = entry.content
        await self._contents.keep(entry.notebook, content, entry.digest)
        text = await self._contents.text(content.ipynb)
        if text is None:
            raise InvalidNotebook(f"the notebook's blob {content.ipynb} is not in the store")
        return await self._shown(content, text, parameters)

    async def inline(
        self, text: str, parameters: dict[str, Any], *, language: str | None, kernel: str | None
    ) -> bytes:
        """Return a notebook that is in no catalog likewise; raise InvalidNotebook."""
        runtime = Runtime(language=language or languages.DEFAULT, kernel=kernel)
        content = Content(id="notebook", ipynb=blob_digest(text.encode("utf-8", "surrogatepass")))
        return await self._shown(content.model_copy(update={"runtime": runtime}), text, parameters)

    async def _shown(self, content: Content, text: str, parameters: dict[str, Any]) -> bytes:
        job = Job(
            namespace=self._namespace,
            name="dry-run",
            uid="",
            attempt=1,
            notebook_id=content.id,
            ipynb=JobFile(path=f"{content.id}.ipynb", digest=content.ipynb, size=0, text=text),
            parameters=json.dumps(parameters),
            by_first_line=True,
            input=content.input,
            inferred=content.inferred,
            models=content.models,
            language=content.runtime.language,
            kernel=content.runtime.kernel,
        )
        async with self._room:
            return await _prepared(job)


async def _prepared(job: Job) -> bytes:
    """Return what the runner's command prints.

    In a thread: it fits in one call, and uvloop's pipes raise when a process ends early.
    """
    asked = job.model_dump_json(by_alias=True).encode()
    command = [sys.executable, "-m", "podbook_runner.prepare"]
    try:
        done = await asyncio.to_thread(
            subprocess.run, command, input=asked, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        detail = f"no notebook after {_SECONDS:.0f} s; this machine has too much to do, try again"
        title = "The notebook could not be prepared in time"
        raise Problem(503, "dry-run-timeout", title, detail, headers=RETRY) from error
    if done.returncode == _REFUSED:
        raise InvalidNotebook(done.stderr.decode(errors="replace"))
    if done.returncode == _UNWRITABLE:
        raise InvalidParameters([Violation(*found) for found in json.loads(done.stderr)])
    if done.returncode:
        raise _failure(done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout


def _failure(code: int, said: str) -> Problem:
    """Tell a runner that is not there from one that did not manage."""
    last = said.strip().rpartition("\n")[2]
    # The interpreter's words for a module and for a whole program that it does not find.
    if "No module named" in last:
        detail = f"the runner is not installed beside the API: {last}"
        return Problem(501, "no-dry-run", "This API cannot show a notebook before it runs", detail)
    _log.error("the dry run ended with %d: %s", code, said[-_SHOWN:])
    detail = f"the runner's command ended with {code}; the API's log says more"
    return Problem(500, "internal-error", "The notebook could not be prepared", detail)
