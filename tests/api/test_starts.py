"""An API that cannot be started says why, and leaves nothing open behind it."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from rig.api import free_ports
from rig.embedded import EmbeddedCluster

# Whoever looks for what happened at an hour has to find it in the log.
WITH_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \w")


def test_a_port_that_is_taken_is_the_last_word(cluster: EmbeddedCluster, tmp_path: Path) -> None:
    free = dict(zip(("PODBOOK_API_PORT", "PODBOOK_INTAKE_PORT"), free_ports(2), strict=True))
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
    environment |= {name: str(port) for name, port in free.items()}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        starts = [
            subprocess.Popen(
                [sys.executable, "-m", "podbook_api"],
                stderr=subprocess.PIPE,
                text=True,
                env={**environment, "PODBOOK_STORE": tmp_path.as_uri(), name: str(port)},
            )
            for name in free
        ]
        for start in starts:
            _, said = start.communicate(timeout=120)

            assert start.returncode == 1
            *_, last = lines = said.splitlines()
            assert [line for line in lines if not WITH_TIME.match(line)] == []
            assert f"cannot listen on 127.0.0.1:{port}: " in last
            assert "in use" in last
            assert "Unclosed" not in said
            assert "Traceback" not in said
