"""Tokens are replaced in place before they expire."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from podbook_cluster.kubelet.client import ApiClient
from podbook_cluster.kubelet.files import tokens
from podbook_crds.errors import ClusterUnavailable
from rig.until import until

POD: dict[str, Any] = {"metadata": {"name": "p", "namespace": "ns", "uid": "u"}, "spec": {}}
NOW = datetime(2026, 1, 2, tzinfo=UTC)
PROJECTION = {"audience": "podbook", "path": "token", "expirationSeconds": 600}


class Issuer(ApiClient):
    """Gives numbered tokens; fails as often as it is told to."""

    def __init__(self, *, failures: int = 0, now: tokens.Clock = tokens.utc_now) -> None:
        self.asked = 0
        self._failures = failures
        self._now = now

    async def request_token(self, pod: Any, *, audience: str | None, seconds: int) -> Any:
        self.asked += 1
        if self.asked <= self._failures:
            raise ClusterUnavailable("not now")
        expires = self._now() + timedelta(seconds=seconds)
        text = f"{audience} {seconds} {self.asked}"
        return {"token": text, "expirationTimestamp": expires.isoformat()}


async def test_a_token_is_renewed_when_a_fifth_of_its_life_is_left() -> None:
    now = datetime.now(UTC)
    issuer = Issuer(now=lambda: now)

    token = await tokens.request(issuer, POD, PROJECTION, now=lambda: now)

    assert token.text == "podbook 600 1"
    assert token.renew_at == now + timedelta(seconds=480)


async def test_a_token_is_renewed_after_the_machine_has_slept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of day goes on while timers stand still."""
    monkeypatch.setattr(tokens, "_LOOK_SECONDS", 0.01)
    slept = timedelta()

    def now() -> datetime:
        return datetime.now(UTC) + slept

    issuer = Issuer(now=now)
    token = await tokens.request(issuer, POD, PROJECTION, now=now)
    renewing = asyncio.create_task(
        tokens.keep_fresh(
            issuer, POD, PROJECTION, folder=tmp_path, renew_at=token.renew_at, now=now
        )
    )
    await asyncio.sleep(0)
    slept = timedelta(hours=8)

    await until(tmp_path.joinpath("token").exists, what="the new token")
    renewing.cancel()


async def test_a_token_that_could_not_be_written_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_RETRY_SECONDS", 0.01)
    folder = tmp_path / "volume"
    folder.write_text("in the way, as a disk that is full would be")
    issuer = Issuer()
    renewing = asyncio.create_task(
        tokens.keep_fresh(issuer, POD, PROJECTION, folder=folder, renew_at=NOW)
    )
    await until(lambda: issuer.asked > 1, what="another try")
    folder.unlink()

    await until(folder.joinpath("token").exists, what="the token")
    renewing.cancel()


async def test_a_renewed_token_replaces_the_file_at_once_and_stays_private(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    inode = file.stat().st_ino
    renewing = asyncio.create_task(
        tokens.keep_fresh(Issuer(), POD, PROJECTION, folder=tmp_path, renew_at=NOW)
    )
    await until(lambda: file.read_text() == "podbook 600 1", what="the new token")
    renewing.cancel()

    assert file.stat().st_ino != inode
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["token"]


async def test_a_token_that_was_not_renewed_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_RETRY_SECONDS", 0.01)
    issuer = Issuer(failures=2)
    renewing = asyncio.create_task(
        tokens.keep_fresh(issuer, POD, PROJECTION, folder=tmp_path, renew_at=NOW)
    )

    await until(tmp_path.joinpath("token").exists, what="the token")
    renewing.cancel()
    assert tmp_path.joinpath("token").read_text() == "podbook 600 3"


def test_the_tokens_of_a_volume_are_found() -> None:
    volume = {
        "name": "v",
        "projected": {"sources": [{"serviceAccountToken": PROJECTION}, {"configMap": {}}]},
    }

    assert tokens.projections(volume) == [PROJECTION]
    assert tokens.projections({"name": "v", "emptyDir": {}}) == []
