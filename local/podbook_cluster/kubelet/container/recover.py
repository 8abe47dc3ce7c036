"""Ends what earlier kubelets on this data folder left running without anyone in charge of it."""

import logging
import signal
from collections.abc import Collection
from pathlib import Path

from podbook_cluster.kubelet.container import processes, records
from podbook_cluster.kubelet.pod import pod_folder

_log = logging.getLogger(__name__)


def clear_strays(data_dir: Path, *, known: Collection[str]) -> None:
    """Kill processes of pods that are gone, and those that outlived their container.

    `known` are the uids of the pods that the API server still has. Folders of others are deleted.
    """
    folders = dict(pod_folder.existing(data_dir))
    for pid, mark in processes.marked().items():
        uid, _, container = mark.partition("/")
        # A mark may be another data folder's: those processes are not ours to touch.
        if (folder := folders.get(uid)) is None:
            continue
        if uid not in known or not _is_led(folder.records, container):
            _log.info("process %d of container %s has nobody in charge: killed", pid, mark)
            processes.kill(pid, signal.SIGKILL)
    for uid, folder in folders.items():
        if uid not in known:
            _kill_recorded(folder.records)
            folder.remove()


def _is_led(folder: Path, container: str) -> bool:
    """Whether the main process of a container still runs."""
    started = records.read_started(folder, container)
    return started is not None and processes.is_running(started.pid, started.start_time)


def _kill_recorded(folder: Path) -> None:
    """Kill by record, for machines where marks can't be read."""
    for name in records.started_names(folder):
        started = records.read_started(folder, name)
        if started and processes.is_running(started.pid, started.start_time):
            processes.kill_group(started.pid)
