"""What a change of a notebook wakes: its runs only where it is a change for them."""

from typing import Any

from podbook_crds import names
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.watch_events import Feeds
from tests.support.views import a_notebook, an_execution

READY = {"type": names.READY_CONDITION, "status": "True", "reason": "Ready"}
NO_MORE = {"type": names.WARM_CONDITION, "status": "False", "reason": "PreparationFailed"}


def resource(version: int, *, generation: int = 1, **more: Any) -> dict[str, Any]:
    notebook = a_notebook()
    metadata = {
        "name": notebook.name,
        "namespace": notebook.namespace,
        "uid": notebook.uid,
        "resourceVersion": str(version),
        "generation": generation,
        "annotations": more.pop("annotations", {}),
    }
    return {"metadata": metadata, "spec": notebook.spec.to_wire(), "status": {**more}}


def test_runs_are_not_looked_at_for_what_waits_for_calls() -> None:
    cache, runs, notebooks = Cache(), list[Any](), list[Any]()
    feeds = Feeds(
        cache,
        enqueue=runs.append,
        enqueue_notebook=notebooks.append,
        enqueue_pool=lambda _: None,
    )
    cache.put_execution(an_execution())

    def woken(changed: dict[str, Any]) -> tuple[bool, bool]:
        runs.clear()
        notebooks.clear()
        feeds.notebook(changed)
        return bool(runs), bool(notebooks)

    assert woken(resource(10)) == (True, True)
    assert woken(resource(11, conditions=[READY])) == (True, True)
    assert woken(resource(12, conditions=[READY, NO_MORE])) == (False, True)
    flushed = {names.WARM_FLUSH_ANNOTATION: "now"}
    assert woken(resource(13, conditions=[READY], annotations=flushed)) == (False, True)
    assert woken(resource(14, generation=2, conditions=[READY])) == (True, True)
    assert woken(resource(14, generation=2)) == (False, False)
