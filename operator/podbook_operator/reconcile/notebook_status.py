"""Says of each catalog entry what it is (the digest) and whether it can be run (Ready)."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from podbook_crds.call_rules import possible_calls
from podbook_crds.call_rules.overriding.check import mistakes
from podbook_crds.checking.at_once import contract_problem
from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import Contract
from podbook_crds.content import Content
from podbook_crds.errors import Conflict, InvalidContract
from podbook_crds.formats.notebooks import lacking
from podbook_crds.resources import amounts
from podbook_crds.resources.notebook import Condition, Notebook, NotebookStatus, Version
from podbook_operator.cluster import NOTEBOOKS, Cluster
from podbook_operator.reconcile.judging import Judging
from podbook_operator.rules.duplicates import DUPLICATE, READY
from podbook_operator.rules.effective_spec import runtime_problem
from podbook_operator.rules.environments import in_its_image
from podbook_operator.warm.standing import Standing, warm_condition
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import NotebookKey

log = logging.getLogger(__name__)

# A version stays while an unfinished execution is pinned to it. The last few stay anyway: an
# execution that was just accepted may not have been seen yet.
_LAST_VERSIONS: Final = 5
_VERSIONS_LIMIT: Final = 20
_NO_IMAGES: Final[Mapping[str, str]] = MappingProxyType({})


class Notebooks:
    """Works on one notebook at a time."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        checker: Checker,
        now: Callable[[], datetime],
        enqueue: Callable[[NotebookKey], None],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._now = now
        self._enqueue = enqueue
        self._checker = checker
        self._judging: Judging[NotebookKey, str] = Judging(enqueue)

    async def reconcile(
        self, key: NotebookKey, images: Mapping[str, str], stands: Standing | None = None
    ) -> None:
        """Write the notebook's status, if it is not true any more; images are of environments.

        stands is how its pods do that wait for calls, as far as that is known.
        """
        notebook = self._cache.notebook(key.namespace, key.name)
        if notebook is None:
            self._judging.forget(key)
            return
        wrong = problem_of(notebook, self._now())
        if wrong is None:
            wrong = self._judging.get(key, notebook.generation, lambda: self._judge(notebook))
        if wrong is None:
            return  # What judges it wakes the key.
        pinned = {e.spec.notebook.digest for e in self._cache.executions()}
        peers = [n for n in self._cache.notebooks(key.namespace) if n.id == notebook.id]
        status = observed(
            notebook, peers, pinned=pinned, now=self._now(), contract=wrong, images=images
        )
        status.conditions.extend(warm_condition(notebook, stands, self._now()))
        if status == notebook.status:
            return
        try:
            await self._write(notebook, status)
        except Conflict:
            await self._refresh(key)
            self._enqueue(key)

    async def _judge(self, notebook: Notebook) -> str:
        try:
            for contract in _contracts(notebook):
                if contract_problem(contract) is None:
                    await self._checker.schema(contract)
        except InvalidContract as error:
            return str(error)
        return ""

    async def _write(self, notebook: Notebook, status: NotebookStatus) -> None:
        written = await self._cluster.write_status(
            NOTEBOOKS,
            notebook.namespace,
            notebook.name,
            version=notebook.resource_version,
            status=status.to_wire(),
        )
        self._cache.put_notebook(Notebook.from_resource(written))
        where = f"{notebook.namespace}/{notebook.name}"
        for condition in status.conditions:
            if condition not in notebook.status.conditions:
                told = (condition.type, condition.status, condition.reason, status.digest)
                log.info("%s: notebook '%s': %s is %s, %s: %s", where, notebook.id, *told)

    async def _refresh(self, key: NotebookKey) -> None:
        found = await self._cluster.get(NOTEBOOKS, key.namespace, key.name)
        if found is not None:
            self._cache.put_notebook(Notebook.from_resource(found))


def observed(
    notebook: Notebook,
    peers: list[Notebook],
    *,
    pinned: set[str | None],
    now: datetime,
    contract: str | None = None,
    images: Mapping[str, str] = _NO_IMAGES,
) -> NotebookStatus:
    """Return the true status; peers are the notebooks of the same id, itself among them.

    contract is what is wrong with its contract, where that is known already; images stand for
    environments by their locks.
    """
    if contract is None:
        contract = problem_of(notebook, now) or ""
    digest = Content.of(notebook.id, notebook.spec).digest
    current = Version.of(digest, notebook.spec)
    known = [v for v in notebook.status.versions if v.digest != digest]
    older = [v for n, v in enumerate(known) if n < _LAST_VERSIONS or v.digest in pinned]
    return NotebookStatus(
        digest=digest,
        versions=[current, *older][:_VERSIONS_LIMIT],
        observed_generation=notebook.generation,
        conditions=[_ready(notebook, now, _judged(notebook, peers, contract, images))],
    )


def problem_of(notebook: Notebook, now: datetime) -> str | None:
    """Return what is wrong with its contract, None where it takes a process to find out."""
    found = [contract_problem(contract) for contract in _contracts(notebook)]
    if known := next((problem for problem in found if problem), ""):
        return known
    try:
        possible_calls.check(notebook.spec, now)
    except InvalidContract as error:
        return str(error)
    return None if None in found else ""


def _contracts(notebook: Notebook) -> list[Contract]:
    spec = notebook.spec
    return [Contract(schema or {}, spec.models) for schema in (spec.input, spec.output)]


def _ready(notebook: Notebook, now: datetime, judged: tuple[str, str]) -> Condition:
    reason, message = judged
    fresh = Condition(
        type=READY,
        status="True" if reason == READY else "False",
        reason=reason,
        message=message,
        last_transition_time=now,
        observed_generation=notebook.generation,
    )
    before = next((c for c in notebook.status.conditions if c.type == READY), None)
    if before is None or before.status != fresh.status:
        return fresh
    return fresh.model_copy(update={"last_transition_time": before.last_transition_time})


def _judged(
    notebook: Notebook, peers: list[Notebook], contract: str, images: Mapping[str, str]
) -> tuple[str, str]:
    oldest = min(peers, key=lambda peer: (peer.created, peer.name), default=notebook)
    if oldest.name != notebook.name:
        return DUPLICATE, f"the older notebook '{oldest.name}' has the id '{notebook.id}' too"
    if notebook.spec.problem:
        return "InvalidNotebook", notebook.spec.problem
    if unreadable := _unreadable(notebook.spec.source.ipynb):
        return "InvalidNotebook", unreadable
    spec = notebook.spec
    wrong = runtime_problem(in_its_image(spec.runtime, images)) or "; ".join(
        [*amounts.mistakes(spec.runtime), *mistakes(spec.overrides)]
    )
    if wrong:
        return "InvalidRuntime", wrong
    if contract:
        return "InvalidContract", contract
    return READY, ""


def _unreadable(ipynb: str | None) -> str:
    """Say why an ipynb that came with kubectl cannot be read; what is in the store was checked."""
    if ipynb is None:
        return ""
    try:
        lacks = lacking(json.loads(ipynb))
    except (ValueError, RecursionError) as error:
        return f"the ipynb is no JSON: {error}"
    return f"the ipynb is no notebook: {lacks}" if lacks else ""
