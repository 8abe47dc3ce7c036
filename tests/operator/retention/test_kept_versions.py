"""A notebook that is renamed or deleted does not take along what was accepted of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from podbook_crds.content import Content
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources import revision
from podbook_crds.resources.notebook import Notebook, Version
from podbook_operator.retention.revisions import sweep
from podbook_operator.rules.effective_spec import terms
from podbook_operator.watch.cache import Cache
from tests.support.views import NOW, a_notebook, an_execution


def digest(notebook: Notebook) -> str:
    return Content.of(notebook.id, notebook.spec).digest


GONE = a_notebook(runtime={"image": "old"}, defaults={"deadlineSeconds": 5})
PINNED = {"name": "report", "digest": digest(GONE)}


def test_what_was_kept_is_what_was_accepted() -> None:
    name, version = revision.read(revision.write(GONE, digest(GONE)))

    holds = terms(an_execution(notebook=PINNED), None, {}, kept=version)

    assert name == "report"
    assert holds.problem is None
    assert (holds.runtime.image, holds.deadline_seconds) == ("old", 5)


def test_a_version_of_another_digest_is_not_taken_for_it() -> None:
    other = Version.of(f"sha256:{64 * 'b'}", GONE.spec)

    problem = terms(an_execution(notebook=PINNED), None, {}, kept=other).problem

    assert problem is not None
    assert problem.reason is Reason.NOTEBOOK_CHANGED


def test_notebooks_of_one_content_have_versions_of_their_own() -> None:
    assert revision.name("a", digest(GONE)) != revision.name("b", digest(GONE))
    assert len(revision.name("a" * 253, digest(GONE))) <= 63


class _Cluster:
    """Holds versions, and notes which are deleted."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = items
        self.deleted: list[str] = []

    async def pages(self, *_: Any, **__: Any) -> AsyncIterator[dict[str, Any]]:
        yield {"items": list(self.items)}

    async def delete(self, _resource: Any, _namespace: str, _name: str, *, uid: str) -> None:
        self.deleted.append(uid)


def stored(notebook: Notebook, uid: str, *, hours: float = 2) -> dict[str, Any]:
    made = revision.write(notebook, digest(notebook))
    moment = (NOW - timedelta(hours=hours)).isoformat()
    more = {"namespace": "default", "uid": uid, "creationTimestamp": moment}
    return {**made, "metadata": {**made["metadata"], **more}}


async def test_only_what_nobody_waits_for_is_tidied_away() -> None:
    waited_for, current, young, left = (
        a_notebook(name, runtime={"image": name}) for name in ("waited", "current", "young", "left")
    )
    cache = Cache()
    cache.put_execution(an_execution(notebook={"name": "waited", "digest": digest(waited_for)}))
    status = current.status.model_copy(update={"digest": digest(current)})
    cache.put_notebook(current.model_copy(update={"status": status}))
    cluster: Any = _Cluster(
        *(stored(notebook, notebook.name) for notebook in (waited_for, current, left)),
        stored(young, "young", hours=0.5),
    )

    await sweep(cluster, cache, None, NOW)

    assert cluster.deleted == ["left"]
