"""The processes of pods as their node knows them: by control group, with the machine's own ids."""

from contextlib import suppress
from pathlib import Path

RUNNER = "podbook-runner"


def of(pod_uid: str) -> dict[int, str]:
    """Return the command lines of all that runs in a pod, by process id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            # A process may end while it is looked at.
            with suppress(OSError):
                if f"/pod{pod_uid}/" in (folder / "cgroup").read_text():
                    found[int(folder.name)] = _command_line(folder)
    return {pid: line for pid, line in found.items() if line}


def main(pod_uid: str, container: str) -> int | None:
    """Return the first process of a container; None while there is none.

    A container is told by its program: `runner` runs ours, any other name means what else is there.
    """
    for pid, line in of(pod_uid).items():
        if _is_first(pid) and _is_own(line) and (RUNNER in line) == (container == "runner"):
            return pid
    return None


def _command_line(folder: Path) -> str:
    """Return an empty text for a process that has ended and was not yet waited for."""
    return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()


def _is_first(pid: int) -> bool:
    """Whether it is number 1 of its own process namespace."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return line.split()[-1] == "1"
    return False


def _is_own(line: str) -> bool:
    """Whether it is neither what holds the pod together nor runc about to become a container."""
    return not line.startswith("/pause") and not line.endswith(" init")
