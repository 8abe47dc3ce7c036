"""A program as its author's type checker sees it: mypy and Pyright read it, a server runs it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, assert_type

import podbook as sdk
from podbook.calling.asynchronous import AsyncExecution, AsyncNotebook
from podbook.calling.sync import Execution, Notebook
from rig.running import RunningPodbook

Json = dict[str, Any]


def test_each_call_has_the_type_that_it_returns(podbook: RunningPodbook, tmp_path: Path) -> None:
    with sdk.Client(podbook.url, token=lambda: "asked each time", timeout=60) as client:
        assert_type(client, sdk.Client)
        echo = client.notebooks["echo"]
        assert_type(echo, Notebook)
        execution = echo.run({"value": 1}, check=True, timeout=60.0, deadlineSeconds=60)
        assert_type(execution, Execution)
        assert_type(execution.wait(1.0).check(), Execution)
        assert_type(execution.output_or(None), Any)
        assert_type(execution.warnings, list[Json])
        assert_type(execution.started_at, datetime | None)
        assert_type(execution.duration, float | None)
        assert_type(execution.follow(), Iterator[Json])
        assert_type(execution.download(tmp_path), list[Path])
        assert_type(echo.map([{"value": 2}]), Iterator[Execution])
        assert_type(client.executions.list(notebook="echo"), Iterator[Execution])
        assert_type(client.executions.latest("echo", {"value": 1}), Execution | None)
        try:
            echo(code=1)
        except sdk.InvalidParameters as error:
            assert_type(error.errors, list[Json])
            assert_type(error.status, int)
        assert isinstance(execution.started_at, datetime)
        assert isinstance(execution.duration, float)


def test_so_has_each_coroutine(podbook: RunningPodbook) -> None:
    async def program() -> Any:
        async with sdk.AsyncClient(podbook.url) as client:
            echo = await client.notebooks["echo"]
            assert_type(echo, AsyncNotebook)
            execution = await echo.run({"value": 1})
            assert_type(execution, AsyncExecution)
            assert_type(execution.follow(), AsyncIterator[Json])
            assert_type(await client.notebooks.keys(), list[str])
            assert_type(await client.executions.latest("echo"), AsyncExecution | None)
            return await execution.output

    assert asyncio.run(program()) == {"got": 1}
