"""Speaks the protocol on stdin and stdout, and hands each message to a server of the folder."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
from mcp.client.streamable_http import streamable_http_client
from mcp.server.stdio import stdio_server
from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    encode_header_value,
)
from mcp.shared.message import ClientMessageMetadata, SessionMessage
from mcp_types import PROTOCOL_VERSION_META_KEY, JSONRPCResponse

# Longer than the server lets a call wait, and than it is silent meanwhile.
_SILENCE: Final = 120.0


def serve(url: str) -> None:
    """Serve until stdin ends."""
    asyncio.run(_serve(url))


async def _serve(url: str) -> None:
    bridge = _Bridge()
    async with stdio_server() as (said, answers), _server(url) as (replies, asked):

        async def back() -> None:
            async for message in replies:
                if isinstance(message, SessionMessage):
                    bridge.learn(message)
                    await answers.send(message)

        answering = asyncio.create_task(back())
        try:
            async for message in said:
                if isinstance(message, SessionMessage):
                    await asked.send(bridge.addressed(message))
        finally:
            answering.cancel()


@asynccontextmanager
async def _server(url: str) -> AsyncIterator[Any]:
    timeout = httpx2.Timeout(30.0, read=_SILENCE)
    async with (
        httpx2.AsyncClient(timeout=timeout, trust_env=False) as http,
        streamable_http_client(f"{url}/mcp", http_client=http) as streams,
    ):
        yield streams


class _Bridge:
    """Says in headers what a message itself says on stdin: HTTP wants it in both places."""

    def __init__(self) -> None:
        # Of older clients, which agree on it once.
        self._agreed: str | None = None

    def learn(self, message: SessionMessage) -> None:
        """Take in what the server agreed on."""
        answer = message.message
        if isinstance(answer, JSONRPCResponse) and "protocolVersion" in answer.result:
            self._agreed = str(answer.result["protocolVersion"])

    def addressed(self, message: SessionMessage) -> SessionMessage:
        """Return the message with its headers."""
        method = getattr(message.message, "method", None)
        if method is None or method == "initialize":
            return message
        params: Mapping[str, Any] = getattr(message.message, "params", None) or {}
        version = (params.get("_meta") or {}).get(PROTOCOL_VERSION_META_KEY)
        headers = {MCP_PROTOCOL_VERSION_HEADER: self._agreed} if self._agreed else {}
        if version is not None:
            headers = {MCP_PROTOCOL_VERSION_HEADER: str(version), MCP_METHOD_HEADER: method}
            if method == "tools/call":
                headers[MCP_NAME_HEADER] = encode_header_value(str(params.get("name", "")))
        return SessionMessage(message.message, ClientMessageMetadata(headers=headers))
