"""`podbook-catalog`: follows a Git repository until it is told to stop."""

import logging
import os
import signal
import sys
import threading
from datetime import UTC, datetime

import httpx

from podbook_catalog.pushing.following import following_settings
from podbook_catalog.pushing.following.connection import Connection
from podbook_catalog.pushing.following.credentials import Credentials, NoCredentials
from podbook_catalog.pushing.following.follower import Follower, repository_folder
from podbook_catalog.pushing.following.following_settings import FollowingSettings, Unusable
from podbook_catalog.pushing.following.one_pass import Rules
from podbook_catalog.pushing.following.probes import Probes, served
from podbook_catalog.pushing.following.repository import Repository
from podbook_catalog.pushing.following.telling import Teller
from podbook_catalog.pushing.rest import CatalogServer

_log = logging.getLogger("podbook_catalog")
_UNUSABLE = 2


def main() -> int:
    """Follow until SIGTERM; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        settings = following_settings.read(os.environ)
        Credentials(settings.credentials).check(settings.url)
    except (Unusable, NoCredentials) as error:
        _log.error("%s", error)
        return _UNUSABLE
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    follow(settings, ending)
    return 0


def follow(settings: FollowingSettings, ending: threading.Event) -> None:
    """Look at the repository again and again, until it is time to end."""
    probes = Probes(settings.interval)
    teller = Teller(settings.namespace, settings.told_in, settings.kubeconfig)
    with served(probes, port=settings.port), Connection(settings) as to:
        follower = _follower(settings, to.http)
        follower.go_on_from(teller.recall())
        while not ending.is_set():
            probes.begins()
            to.renew()
            stands, brought = follower.look()
            probes.ends(stands)
            teller.tell(stands, brought)
            for each in stands.faults:
                _log.warning("%s: %s", each.notebook or settings.url, each.message)
            ending.wait(settings.interval)


def _follower(settings: FollowingSettings, http: httpx.Client) -> Follower:
    folder = repository_folder(settings.work)
    credentials = Credentials(settings.credentials)
    rules = Rules(settings.strict, settings.allow_breaking, settings.take_over)
    return Follower(
        Repository(settings.url, settings.ref, folder, credentials),
        path=settings.path,
        server=CatalogServer(http),
        rules=rules,
        now=lambda: datetime.now(UTC),
    )


if __name__ == "__main__":
    sys.exit(main())
