"""What a kernel said before it died is heard to the end."""

import json
import os
import tempfile
from pathlib import Path

import zmq
from jupyter_client.session import Session

from podbook_runner.kernel.client import MESSAGES_AT_A_TIME, Kernel, KernelDied
from rig.runner_pod import CONNECTION

PATIENCE_MILLISECONDS = 60_000
SHOWN = 5 * MESSAGES_AT_A_TIME


def heard(kernel: Kernel) -> list[str]:
    """Return what the kernel shows until it has died."""
    texts: list[str] = []
    try:
        while True:
            for message in kernel.listen(60):
                texts.append(message.content["text"])
    except KernelDied:
        return texts


def test_all_that_a_kernel_had_shown_when_it_died_is_heard() -> None:
    # A short path: a socket's may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="kernel-", dir="/tmp") as folder, zmq.Context() as here:
        ip = f"{folder}/k"
        file = Path(folder) / "connection.json"
        file.write_text(json.dumps({**CONNECTION, "ip": ip}))
        shell, iopub = here.socket(zmq.ROUTER), here.socket(zmq.XPUB)
        shell.bind(f"ipc://{ip}-{CONNECTION['shell_port']}")
        iopub.bind(f"ipc://{ip}-{CONNECTION['iopub_port']}")
        readable, writable = os.pipe()
        kernel = Kernel(file, wakeup=readable)
        left = kernel.client.iopub_channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        kernel.execute("1")

        assert iopub.poll(PATIENCE_MILLISECONDS)
        assert iopub.recv() == b"\x01"  # The subscription to everything.
        assert shell.poll(PATIENCE_MILLISECONDS)
        session = Session(key=b"")
        for number in range(SHOWN):
            session.send(iopub, "stream", {"name": "stdout", "text": str(number)})
        iopub.close()
        # The connection's end comes behind all that was sent on it.
        assert left.poll(PATIENCE_MILLISECONDS)
        shell.close(linger=0)
        texts = heard(kernel)

        kernel.client.iopub_channel.socket.disable_monitor()
        left.close(linger=0)
        kernel.close()
        os.close(readable)
        os.close(writable)
    assert texts == [str(number) for number in range(SHOWN)]
