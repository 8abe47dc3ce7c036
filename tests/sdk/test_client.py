"""The client by its former name and methods: what was written with it goes on working."""

import json
from collections.abc import Iterator

import pytest

import podbook as podbook_package
from podbook.client import ApiError, Podbook, Unreachable
from rig.ipynb import notebook
from rig.running import RunningPodbook


@pytest.fixture
def client(podbook: RunningPodbook) -> Iterator[Podbook]:
    with pytest.warns(DeprecationWarning, match=r"podbook\.Client now"):
        made = Podbook(podbook.url)
    with made:
        yield made


def test_it_is_the_client_of_now_too(client: Podbook) -> None:
    assert isinstance(client, podbook_package.Client)
    assert client.notebooks["echo"](value=1) == {"got": 1}
    assert "echo" in client.notebooks
    run = client.run("echo", {"value": 2})
    assert client.executions.get(run.id).output == {"got": 2}
    with pytest.raises(AttributeError, match="no_such"):
        client.no_such()


def test_a_run_comes_back_when_it_is_final(client: Podbook) -> None:
    execution = client.run("echo", {"value": [1, None]})

    assert (execution.phase, execution.output) == ("Succeeded", {"got": [1, None]})


def test_every_text_can_be_sent(client: Podbook) -> None:
    assert client.run("echo", {"value": "\ud800 é"}).output == {"got": "\ud800 é"}


def test_what_json_does_not_have_is_refused_by_name(client: Podbook) -> None:
    with pytest.raises(ApiError, match="NaN is not JSON"):
        client.run("echo", {"value": float("nan")})


def test_the_catalog_is_shown_with_contracts(client: Podbook) -> None:
    assert "echo" in {notebook["id"] for notebook in client.notebooks()}
    assert client.notebook("echo")["input"]["properties"].keys() == {"value", "code"}


def test_a_submission_comes_back_at_once_and_the_same_key_means_the_same_run(
    client: Podbook,
) -> None:
    first = client.submit("echo", {"value": 1}, idempotency_key="once")
    again = client.submit("echo", {"value": 1}, idempotency_key="once")

    assert first.id == again.id
    assert client.wait(first.id).is_final


def test_an_artifact_is_its_bytes(client: Podbook) -> None:
    execution = client.run("echo")

    assert json.loads(client.artifact(execution.id, "output.json")) == {"got": "default"}


def test_an_output_of_any_size_comes_back(podbook: RunningPodbook, client: Podbook) -> None:
    podbook.put("large", notebook("from podbook import save_output\nsave_output('z' * 5_000_000)"))

    assert client.output(client.run("large")) == "z" * 5_000_000
    assert client.output(client.run("echo")) == {"got": "default"}


def test_executions_come_newest_first_over_all_pages(client: Podbook) -> None:
    ids = [client.submit("echo", {"value": number}).id for number in range(3)]

    listed = [row["id"] for row in client.executions(notebook="echo", page=2)]

    assert [found for found in listed if found in ids] == ids[::-1]
    for execution in ids:
        client.wait(execution)


def test_a_deleted_execution_is_unknown(client: Podbook) -> None:
    execution = client.run("echo")

    client.delete(execution.id)

    with pytest.raises(ApiError) as refused:
        client.get(execution.id)
    assert (refused.value.status, refused.value.is_the_callers) == (404, True)


def test_a_refusal_names_every_place_that_does_not_fit(client: Podbook) -> None:
    with pytest.raises(ApiError) as refused:
        client.submit("echo", {"code": 1, "other": 2})

    assert "/parameters/code: 1 is not of type 'string'" in str(refused.value)
    assert "/parameters/other: is not declared" in str(refused.value)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.warns(DeprecationWarning, match="Client now"):
        nowhere = Podbook("http://127.0.0.1:9")
    with nowhere, pytest.raises(Unreachable, match="no answer"):
        nowhere.notebooks()
