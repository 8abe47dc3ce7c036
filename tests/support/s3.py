"""A real object store that speaks S3, on this machine alone: SeaweedFS, one process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from rig.api import free_ports
from rig.until import eventually

WEED = Path(sys.executable).with_name("weed")
BUCKET = "notebooks"
# Ports are looked for first and taken a moment later: someone else may have been faster.
_TRIES = 5


@dataclass(frozen=True)
class Bucket:
    """Where a store lies and the environment variables that open it."""

    url: str
    environment: dict[str, str]
    secret: str


@contextmanager
def serving(folder: Path, *, address: str = "127.0.0.1") -> Iterator[Bucket]:
    """Serve S3 from a folder, on an address of this machine, for the length of a `with` block."""
    key, secret = "podbook-key", "podbook-secret-that-nobody-may-read"
    credentials = [{"accessKey": key, "secretKey": secret}]
    allowed = ["Admin", "Read", "Write", "List"]
    identity = {"name": "podbook", "credentials": credentials, "actions": allowed}
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": [identity]}))
    process, endpoint, sockets = _started(folder, config, address)
    environment = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
    }
    try:
        yield Bucket(f"s3://{BUCKET}/podbook", environment, secret)
    finally:
        # In good order it takes half a minute, for data that nobody wants any more.
        process.kill()
        process.wait(30)
        for socket in sockets:
            socket.unlink(missing_ok=True)


def _started(
    folder: Path, config: Path, address: str
) -> tuple[subprocess.Popen[bytes], str, list[Path]]:
    for _ in range(_TRIES):
        master, master_rpc, volume, volume_rpc, filer, filer_rpc, s3, s3_rpc = free_ports(8)
        command = [
            *(str(WEED), "server", f"-dir={folder}", f"-ip={address}", f"-ip.bind={address}"),
            *(f"-master.port={master}", f"-master.port.grpc={master_rpc}"),
            *("-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=9"),
            *(f"-volume.port={volume}", f"-volume.port.grpc={volume_rpc}"),
            *("-filer", f"-filer.port={filer}", f"-filer.port.grpc={filer_rpc}"),
            *(f"-filer.localSocket={folder / 'filer.sock'}", "-s3.port.iceberg=0"),
            *("-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_rpc}", "-s3.port.lance=0"),
            *(f"-s3.localSocket={folder / 's3.sock'}", f"-s3.config={config}", "-s3.iam=false"),
        ]
        environment = {"HOME": str(folder)}
        with (folder / "weed.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        endpoint = f"http://{address}:{s3}"
        if _serves(process, endpoint):
            rpc = {"master": master_rpc, "volume": volume_rpc, "filer": filer_rpc, "s3": s3_rpc}
            # Where it puts them is built in.
            named = [f"/tmp/seaweedfs-{part}-grpc-{port}.sock" for part, port in rpc.items()]
            return process, endpoint, [Path(name) for name in named]
    raise AssertionError((folder / "weed.log").read_text())


def _serves(process: subprocess.Popen[bytes], endpoint: str) -> bool:
    """Wait until it serves, or has ended; tell whether it serves."""

    def settled() -> str | None:
        return "ended" if process.poll() is not None else _answer(endpoint)

    return eventually(settled, "S3 is served", seconds=90) == "up"


def _answer(endpoint: str) -> str | None:
    try:
        # Without a signature it refuses: then it knows who may.
        refused = httpx.get(f"{endpoint}/", timeout=5, trust_env=False).status_code == 403
    except httpx.TransportError:
        return None
    return "up" if refused else None
