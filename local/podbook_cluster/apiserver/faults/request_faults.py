"""What a test wants to go wrong with requests."""

import re
from dataclasses import dataclass, field
from typing import Literal

from podbook_cluster.apiserver.serve.requests import Request

Kind = Literal["status", "lose-answer", "cut", "delay", "stale"]


@dataclass(slots=True)
class RequestFault:
    """What happens to requests that match.

    Args:
        kind: `status` refuses before anything is done; `lose-answer` does it and cuts the
            connection; `cut` cuts the connection before anything is done; `delay` waits first;
            `stale` answers a GET or a list from the past.
        method, path: regular expressions for the whole method and part of the path and query.
        user_agent: a part of the User-Agent.
        after: how many matching requests are spared first.
        times: how many are then hit; 0 is all.
        code, retry_after: for `status`.
        seconds: for `delay`.
        revisions: for `stale`: how many writes ago that past is.

    """

    kind: Kind
    method: str = ".*"
    path: str = ""
    user_agent: str = ""
    after: int = 0
    times: int = 1
    code: int = 503
    retry_after: int | None = None
    seconds: float = 0.0
    revisions: int = 1
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    def strikes(self, request: Request) -> bool:
        """Return whether this request is hit; counts it."""
        agent = request.http.headers.get("User-Agent", "")
        if not (
            re.fullmatch(self.method, request.method)
            and re.search(self.path, request.http.raw_path)
            and self.user_agent in agent
        ):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times and self.hits >= self.times):
            return False
        self.hits += 1
        return True
