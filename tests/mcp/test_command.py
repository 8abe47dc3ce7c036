"""`podbook mcp` says what to paste, and serves a folder to a client that starts its servers."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters

from rig.ipynb import notebook
from rig.running import RunningPodbook
from tests.support.agents import ERAS, ended

PODBOOK = [sys.executable, "-m", "podbook_cli", "mcp"]


def test_it_says_what_to_paste_and_never_a_token(served: RunningPodbook) -> None:
    environment = {**os.environ, "PODBOOK_URL": served.url, "PODBOOK_TOKEN": "a-secret"}

    def said(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PODBOOK, *arguments], capture_output=True, text=True, env=environment, check=False
        )

    everything, one, wrong = said(), said("--client", "claude-code"), said("--client", "word")
    assert f"codex mcp add podbook --url {served.url}/mcp" in everything.stdout
    assert "a-secret" not in everything.stdout
    assert one.stdout.split()[:6] == ["claude", "mcp", "add", "--transport", "http", "podbook"]
    assert (wrong.returncode, "claude-code" in wrong.stderr) == (2, True)


@pytest.mark.parametrize("era", ERAS)
def test_a_client_starts_it_and_nothing_is_left(
    era: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, data = tmp_path_factory.mktemp("stdio"), tmp_path_factory.mktemp("data")
    saves = "from podbook import save_output\nsave_output(number + 1)"
    (folder / "next.ipynb").write_text(json.dumps(notebook(saves, parameters="number = 1")))
    arguments = ["-m", "podbook_cli", "mcp", "--stdio", str(folder), "--data-dir", str(data)]
    server = StdioServerParameters(
        command=sys.executable, args=arguments, env={**os.environ, "PYTHONWARNINGS": "default"}
    )

    async def talk() -> None:
        async with Client(server, mode=ERAS[era]) as client:
            assert client.protocol_version == era
            await client.list_tools()
            result = await ended(client, await client.call_tool("next", {"number": 41}))
            assert result.structured_content["output"] == 42

    asyncio.run(asyncio.wait_for(talk(), 100))
