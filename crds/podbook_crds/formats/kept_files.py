"""Files of the repository that the code makes: written, or looked at whether they are current."""

import sys
from collections.abc import Mapping
from pathlib import Path


def keep(folder: Path, texts: Mapping[str, str], *, command: str, check: bool) -> int:
    """Write the texts that the folder has otherwise; return the exit code.

    With check nothing is written: what is not current is told with the command that makes it so,
    and the exit code is 1.
    """
    paths = {folder / name: text for name, text in texts.items()}
    stale = [p for p, text in paths.items() if not p.is_file() or p.read_text() != text]
    for path in stale:
        if check:
            sys.stderr.write(f"{path} is not current: run {command}\n")
        else:
            folder.mkdir(exist_ok=True)
            path.write_text(paths[path])
    return int(check and bool(stale))
