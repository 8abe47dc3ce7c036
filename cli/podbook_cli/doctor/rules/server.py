"""What is wrong with the server, as a caller meets it."""

from collections.abc import Iterator
from typing import Final

from podbook_cli.doctor.findings import Finding
from podbook_cli.doctor.seen import SeenServer

# Tokens and deadlines bear less than a minute; the date of an answer is whole seconds.
CLOCKS_APART_SECONDS: Final = 30
# Below it a run of some size leaves nothing any more.
LEAST_BYTES: Final = 1024**3
_LEAST_SHARE: Final = 0.05
_NAMED: Final = 10
_UNAUTHORIZED, _FORBIDDEN = 401, 403


def findings(seen: SeenServer, *, version: str, start: str) -> Iterator[Finding]:
    """Yield them; version is this command line's, start is what starts such a server."""
    if seen.error:
        yield _unreachable(seen, start)
        return
    if not seen.is_ready:
        cure = "look at the finding of the cluster: the API waits until it has listed it"
        yield Finding.wrong("server", f"{seen.url} is not ready: {seen.says}", cure)
        return
    yield Finding.good("server", f"{seen.url} answers")
    if seen.version:
        yield _versions(seen, version)
    if seen.health is not None:
        yield _store(seen.health["store"])
        yield _queue(seen.health["queue"])
    if seen.ahead_seconds is not None:
        yield clock("server's", seen.ahead_seconds)
    yield from _notebooks(seen)


def clock(whose: str, ahead_seconds: float) -> Finding:
    """Return whether a clock and this machine's are the same."""
    if abs(ahead_seconds) < CLOCKS_APART_SECONDS:
        return Finding.good("clock", f"the {whose} clock and this machine's agree")
    way = "ahead of" if ahead_seconds > 0 else "behind"
    says = f"the {whose} clock is {abs(ahead_seconds):.0f} s {way} this machine's"
    return Finding.wrong("clock", says, "set both by NTP: `timedatectl set-ntp true`")


def size(count: float) -> str:
    """Return bytes for people."""
    unit = "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024 or unit == "TiB":  # noqa: PLR2004
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def _unreachable(seen: SeenServer, start: str) -> Finding:
    says = f"{seen.url}: {seen.error}" if seen.url else seen.error
    if seen.status == _UNAUTHORIZED:
        return Finding.wrong("server", says, "set PODBOOK_TOKEN to a token that the server takes")
    if seen.status == _FORBIDDEN:
        return Finding.wrong("server", says, "have the ClusterRole podbook-run bound to you")
    return Finding.wrong("server", says, start)


def _versions(seen: SeenServer, version: str) -> Finding:
    if seen.version == version:
        return Finding.good("version", f"command line and server are {version}")
    says = f"the server is {seen.version}, this command line {version}"
    return Finding.wrong("version", says, f"pip install 'podbook=={seen.version}'")


def _store(store: dict[str, object]) -> Finding:
    free, total = store.get("freeBytes"), store.get("totalBytes")
    room = f"{size(free)} free" if isinstance(free, int) else ""
    if not store["writable"]:
        cure = "mend what it says, or make room: credentials, bucket, volume"
        return Finding.wrong("store", f"takes nothing: {store.get('problem')}", cure)
    if isinstance(free, int) and isinstance(total, int) and is_short(free, total):
        cure = "make the volume larger, or keep artifacts for a shorter time (artifactTtlSeconds)"
        return Finding.wrong("store", f"is almost full: {room} of {size(total)}", cure)
    return Finding.good("store", f"takes what is written{f', {room}' if room else ''}")


def is_short(free: int, total: int) -> bool:
    """Tell whether so little is left that runs will soon leave nothing."""
    return free < min(LEAST_BYTES, int(total * _LEAST_SHARE))


def _queue(queue: dict[str, int]) -> Finding:
    if queue["queued"] < queue["limit"]:
        return Finding.good("queue", f"{queue['queued']} of at most {queue['limit']} wait")
    cure = "find who fills it: podbook list --phase queued --format json"
    return Finding.wrong("queue", f"is full: {queue['queued']} executions wait", cure)


def _notebooks(seen: SeenServer) -> Iterator[Finding]:
    wrong = [notebook for notebook in seen.notebooks if not notebook.ready]
    if not wrong:
        yield Finding.good("notebooks", f"all {len(seen.notebooks)} can be run")
    for notebook in wrong[:_NAMED]:
        says = f"{notebook.id} cannot be run: {notebook.problem or 'it was not looked at yet'}"
        cure = f"podbook describe {notebook.id}"
        if not notebook.problem:
            cure = "look at the finding of the operator: it says which notebooks can be run"
        yield Finding.wrong("notebooks", says, cure)
    if len(wrong) > _NAMED:
        yield Finding.wrong(
            "notebooks", f"{len(wrong) - _NAMED} more cannot be run", "podbook notebooks"
        )
