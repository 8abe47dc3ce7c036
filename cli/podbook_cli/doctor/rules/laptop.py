"""What is wrong with a `podbook up`, or with the machine that it would run on."""

from collections.abc import Iterator

from podbook_cli.doctor.findings import Finding
from podbook_cli.doctor.rules.server import LEAST_BYTES, size
from podbook_cli.doctor.seen import SeenLaptop


def findings(seen: SeenLaptop) -> Iterator[Finding]:
    """Yield them: of what runs, or of what would keep it from starting."""
    yield _data(seen)
    yield _disk(seen)
    if seen.is_served:
        yield from _parts(seen)
        return
    if seen.port_error:
        yield Finding.wrong("port", seen.port_error, f"podbook up {seen.folder} --port 0")
    else:
        yield Finding.good("port", "is free")
    if seen.python_error:
        cure = "name a Python that has ipykernel: podbook up --python PATH"
        yield Finding.wrong("python", seen.python_error, cure)
    else:
        yield Finding.good("python", "runs kernels")


def _data(seen: SeenLaptop) -> Finding:
    if not seen.data_error:
        return Finding.good("data", f"{seen.data} can be written")
    cure = f"make it yours (chown -R $(id -u) {seen.data}), or name another with --data-dir"
    return Finding.wrong("data", f"{seen.data}: {seen.data_error}", cure)


def _disk(seen: SeenLaptop) -> Finding:
    if seen.free_bytes is None:
        return Finding.unseen("disk", "how much is free is not known", f"df {seen.data}")
    if seen.free_bytes < LEAST_BYTES:
        says = f"only {size(seen.free_bytes)} are free where {seen.data} is"
        return Finding.wrong(
            "disk", says, f"make room: du -sh {seen.data}/store; podbook delete ID"
        )
    return Finding.good("disk", f"{size(seen.free_bytes)} free")


def _parts(seen: SeenLaptop) -> Iterator[Finding]:
    for name, log in seen.ended_parts:
        yield Finding.wrong(name, f"the {name} does not run", f"tail {log}")
    if seen.operator_error and all(name != "operator" for name, _ in seen.ended_parts):
        says = f"does not work: {seen.operator_error}"
        yield Finding.wrong("operator", says, f"tail {seen.data}/logs/operator.log")
    if not seen.ended_parts and not seen.operator_error:
        yield Finding.good("operator", "works; cluster, API and operator run")
