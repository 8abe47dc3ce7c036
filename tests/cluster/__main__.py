"""Builds, starts, stops the test cluster: `python -m tests.cluster up|down|test|run|images`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from tests.cluster import binaries, commands, images, keeper, leftovers, machine, place, processes

_PATIENCE_SECONDS = 300
# The cluster's own tests end with the release uninstalled.
_SUITES = ("tests/path", "tests/ends", "tests/cluster", "tests/semantics")
_TEST_SECONDS = 600


def main() -> int:
    """Obey one word; return the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # A shell that runs it in the background has its programs ignore this one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    word, *rest = sys.argv[1:] or ["help"]
    words = {"up": _up, "down": _down, "test": _test, "run": _run, "images": _images, "keep": _keep}
    if word not in words:
        _say(__doc__ or "")
        return 2
    try:
        machine.require()
        return words[word](rest)
    except (
        machine.MachineLacks,
        keeper.AlreadyRunning,
        commands.CommandFailed,
        commands.NotInTime,
    ) as problem:
        _say(f"cluster: {problem}")
        return 1


def _prepare() -> None:
    machine.install_packages()
    with place.only_writer():
        _timed("binaries", binaries.build)
        _timed("images", images.build)


def _up(_: list[str]) -> int:
    """Leave a cluster running for a person."""
    _prepare()
    # It outlives this command: not one of this command's pipes may stay open in it.
    with place.KEEPER_LOG.open("wb") as log:
        process = _start_keeper(stdin=subprocess.DEVNULL, output=log, flags=[])
    _wait_until_ready(process)
    _say(f"export KUBECONFIG={place.KUBECONFIG}")
    _say(f"kubectl is {binaries.program('kubectl')}; logs are in {place.LOGS}")
    _say("Stop it with: make cluster-down")
    return 0


def _down(_: list[str]) -> int:
    """Stop the cluster that `up` left running, or sweep up after one that was killed."""
    with suppress(keeper.AlreadyRunning), keeper.only_one():
        leftovers.sweep()
        _say("No test cluster is running.")
        return 0
    keeper.end()
    return 0


def _test(arguments: list[str]) -> int:
    """Run the suites against a cluster of their own."""
    suites = arguments or [path for path in _SUITES if (place.REPOSITORY / path).is_dir()]
    return _run(["pytest", f"--timeout={_TEST_SECONDS}", "--durations=10", *suites])


def _run(module: list[str]) -> int:
    """Run a Python module against a cluster that lives as long as this process."""
    _prepare()
    # What a person left up is theirs to end; on a machine of CI it is litter.
    keeper.wait_for_turn(may_end_it="CI" in os.environ, say=_say)
    process = _start_keeper(stdin=subprocess.PIPE, flags=[keeper.WHILE_STDIN])
    assert process.stdin
    try:
        _timed("cluster ready", lambda: _wait_until_ready(process))
        environment = {**os.environ, "PODBOOK_TEST_KUBECONFIG": str(place.KUBECONFIG)}
        command = [sys.executable, "-m", *module]
        status = subprocess.run(
            command,
            env=environment,
            check=False,
            preexec_fn=processes.die_with_parent,
        ).returncode
    finally:
        process.stdin.close()
        process.wait(_PATIENCE_SECONDS)
    left = leftovers.found()
    for thing in left:
        _say(f"left behind: {thing}")
    return status or bool(left)


def _images(_: list[str]) -> int:
    """Build the images and print what they weigh."""
    machine.install_packages()
    with place.only_writer():
        binaries.build("pause")
        images.build()
    for line in images.sizes():
        _say(line)
    return 0


def _keep(arguments: list[str]) -> int:
    keeper.keep(while_stdin=keeper.WHILE_STDIN in arguments)
    return 0


def _start_keeper(
    *, stdin: int, flags: list[str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start it in a session and a mount namespace of its own: no Ctrl-C, no mount gets across."""
    keeper.require_none()
    place.READY.unlink(missing_ok=True)
    return subprocess.Popen(
        [
            *("unshare", "--mount", "--propagation", "private"),
            *(sys.executable, "-m", "tests.cluster", "keep", *flags),
        ],
        cwd=place.REPOSITORY,
        stdin=stdin,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    def ready_or_dead() -> bool:
        return place.READY.exists() or process.poll() is not None

    commands.until(ready_or_dead, "the cluster ready", seconds=_PATIENCE_SECONDS)
    if process.poll() is not None:
        why = place.KEEPER_LOG if place.KEEPER_LOG.exists() else "above"
        raise commands.CommandFailed(f"the cluster did not start; for the reason see {why}")


def _timed(what: str, act: Callable[[], None]) -> None:
    began = time.monotonic()
    act()
    _say(f"{what}: {time.monotonic() - began:.0f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
