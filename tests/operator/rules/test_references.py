"""How an execution of kubectl's calls its notebook: by the resource's name, or by its id."""

from podbook_crds.resources.model import micro_time
from podbook_operator.rules.effective_spec import terms
from podbook_operator.watch.cache import Cache
from tests.support.views import CREATED, a_notebook, an_execution, seconds


def a_cache() -> Cache:
    cache = Cache()
    cache.put_notebook(a_notebook("sales-2026-x1", id="sales/2026"))
    later = a_notebook("sales-2026-x0", id="sales/2026")
    created = {"created": micro_time(CREATED + seconds(5))}
    cache.put_notebook(later.model_copy(update=created))
    cache.put_notebook(a_notebook("report", id="another"))
    cache.put_notebook(a_notebook("named-report", id="report"))
    return cache


def test_the_id_leads_to_the_notebook_that_has_it() -> None:
    found = a_cache().referred("default", "sales/2026")

    assert found is not None
    assert found.name == "sales-2026-x1"


def test_a_resources_name_goes_before_anothers_id() -> None:
    found = a_cache().referred("default", "report")

    assert found is not None
    assert found.name == "report"


def test_neither_is_nothing() -> None:
    assert a_cache().referred("default", "none") is None
    assert a_cache().referred("other", "report") is None
    assert a_cache().referred("default", None) is None


def test_its_limits_are_those_of_the_notebook_however_it_is_called() -> None:
    execution = an_execution(notebook={"name": "sales/2026"})

    holds = terms(execution, a_cache().referred("default", "sales/2026"), {})

    assert (holds.notebook, holds.is_notebook_missing) == ("sales-2026-x1", False)
