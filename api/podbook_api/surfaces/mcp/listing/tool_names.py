"""What a notebook's tool is called: a name that every client takes, another for each notebook."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

# Some clients count the server's name in, and leave out without a word what is longer than 60.
LONGEST: Final = 48
_HASHED: Final = (8, 16, 32)


def named(ids: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Return ids by the names of their tools, whatever order they come in.

    An id that is a name already keeps it. Where several ids come to one name, or it is taken,
    each gets a hash of its own, so that no tool ever becomes another notebook's.
    """
    plain = {notebook_id: _plain(notebook_id) for notebook_id in ids}
    often = Counter(plain.values())
    found: dict[str, str] = {}
    hashed: list[str] = []
    for notebook_id, name in plain.items():
        alone = often[name] == 1 or name == notebook_id
        if alone and name not in taken and len(name) <= LONGEST:
            found[name] = notebook_id
        else:
            hashed.append(notebook_id)
    for notebook_id in sorted(hashed):
        found[_hashed(notebook_id, plain[notebook_id], {*found, *taken})] = notebook_id
    return found


def _plain(notebook_id: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", notebook_id.lower())


def _hashed(notebook_id: str, plain: str, taken: Collection[str]) -> str:
    digest = hashlib.sha256(notebook_id.encode("utf-8", "surrogatepass")).hexdigest()
    names = [f"{plain[: LONGEST - length - 1]}_{digest[:length]}" for length in _HASHED]
    return next((name for name in names if name not in taken), names[-1])
