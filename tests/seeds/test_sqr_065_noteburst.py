"""The Noteburst note, followed from its use cases to its last wish."""

import base64
import json
import os
from collections.abc import Iterator
from typing import Any, Final

import pytest

from rig.ipynb import notebook, text_of
from rig.running import RunningPodbook, running
from rig.until import eventually
from tests.seeds.pages_server import PagesServer

pytestmark = pytest.mark.timeout(300)

PATH: Final = "/noteburst/v1/notebooks/"
SECRET: Final = "whsec_" + base64.b64encode(os.urandom(32)).decode()
FETCH: Final = "import urllib.request\nprint(urllib.request.urlopen({!r}).read().decode())"


@pytest.fixture(scope="module")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder, data = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("data")
    with running(folder, data, "--slots", "2") as podbook:
        yield podbook


@pytest.fixture(scope="module")
def pages(podbook: RunningPodbook) -> Iterator[PagesServer]:
    with PagesServer(SECRET, podbook.http).serving() as pages:
        yield pages


def submit(podbook: RunningPodbook, *cells: str, **fields: Any) -> dict[str, Any]:
    """Step 1: send the notebook in a POST request; return the job."""
    ipynb = json.dumps(notebook(*cells))
    answer = podbook.http.post(PATH, json={"ipynb": ipynb, "kernel_name": "LSST", **fields})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


def complete(podbook: RunningPodbook, job: dict[str, Any]) -> dict[str, Any]:
    """Step 2: poll until the job is complete; return it."""

    def look() -> dict[str, Any] | None:
        shown: dict[str, Any] = podbook.http.get(job["self_url"]).json()
        return shown if shown["status"] == "complete" else None

    found: dict[str, Any] = eventually(look, "the job is complete", seconds=120)
    return found


def test_a_notebook_is_handed_in_polled_for_and_fetched(podbook: RunningPodbook) -> None:
    job = submit(podbook, "print(6 * 7)")
    assert job["job_id"]

    done = complete(podbook, job)

    assert done["success"] is True
    assert "42" in text_of(done["ipynb"])


def test_a_synchronous_request_brings_the_executed_notebook(podbook: RunningPodbook) -> None:
    body = {"ipynb": notebook("print(6 * 7)")}
    run = podbook.http.post("/v1/executions", params={"wait": "60"}, json=body).json()

    assert run["phase"] == "Succeeded"
    (address,) = [a["href"] for a in run["artifacts"] if a["name"] == "notebook.ipynb"]
    assert "42" in text_of(podbook.http.get(address).text)


def test_a_page_shows_a_rendering_of_the_executed_notebook(podbook: RunningPodbook) -> None:
    job = submit(podbook, "print(6 * 7)")
    complete(podbook, job)

    page = podbook.http.get(f"/v1/executions/{job['job_id']}/artifacts/notebook.html")

    assert page.headers["content-type"].startswith("text/html")
    assert "42" in page.text


def test_novel_parameters_are_executions_of_their_own(podbook: RunningPodbook) -> None:
    jobs = [submit(podbook, f"n = {n}", "print(n * 7 * 11 * 13)") for n in (1, 2)]

    found = [text_of(complete(podbook, job)["ipynb"]) for job in jobs]

    assert len({job["job_id"] for job in jobs}) == 2
    assert ["1001" in text for text in found] == [True, False]
    assert ["2002" in text for text in found] == [False, True]


def test_jobs_run_at_the_same_time_each_in_a_kernel_of_its_own(
    podbook: RunningPodbook, pages: PagesServer
) -> None:
    """Neither gets its data before both have asked for it."""
    meet = FETCH.format(f"{pages.url}/meet")
    jobs = [submit(podbook, meet, "import os\nprint('pid', os.getpid())") for _ in range(2)]

    found = [complete(podbook, job) for job in jobs]

    assert [done["success"] for done in found] == [True, True]
    assert all("ipynb_error" not in done for done in found)
    texts = [text_of(done["ipynb"]) for done in found]
    assert len({text.partition("pid ")[2].split()[-1] for text in texts}) == 2


def test_a_notebook_makes_requests_of_its_own(podbook: RunningPodbook, pages: PagesServer) -> None:
    job = submit(podbook, FETCH.format(f"{pages.url}/data"))

    assert "of the network" in text_of(complete(podbook, job)["ipynb"])


def test_a_webhook_brings_the_notebook_into_the_cache_without_polling(
    podbook: RunningPodbook, pages: PagesServer
) -> None:
    job = submit(podbook, "print(6 * 7)", webhook={"url": f"{pages.url}/told", "secret": SECRET})
    assert SECRET not in json.dumps(job)

    text = eventually(lambda: pages.cache.get(job["job_id"]), "Times Square is told", seconds=120)

    assert "42" in text_of(text)
