"""What a run's containers write is read while its pod lives, and after a failure for ever."""

from rig.ipynb import notebook
from rig.meeting import AnyPodbook
from rig.until import eventually

# Past ipykernel, which shows what is written to file descriptors in the cell.
OUTSIDE = """
import os, pathlib, sys, time
log = getattr(sys.stderr, '_original_stdstream_copy', None) or 2
for _ in range(lines):
    os.write(log, b'x' * 99 + b'\\n')
os.write(log, b'outside of every cell\\n')
while wait and not pathlib.Path(wait).exists():
    time.sleep(0.02)
assert not wait
"""


def test_a_log_is_read_while_the_pod_lives_and_stays_when_the_run_fails(
    podbook: AnyPodbook,
) -> None:
    go = podbook.shared_folder("logs") / "go"
    podbook.put("logs/talks", notebook(OUTSIDE, parameters="lines = 1\nwait = ''"))
    parameters = {"wait": str(go), "lines": 6000}
    run = podbook.post("logs/talks", parameters, is_awaited=False)
    address = f"/v1/executions/{run['id']}/log"

    def written() -> str:
        answer = podbook.http.get(address)
        return answer.text if answer.status_code == 200 else ""

    eventually(lambda: "outside of every cell" in written(), "the log of the pod that runs")
    assert len(written()) < 300_000
    assert written().startswith("[the beginning is left out]\nxxx")
    go.write_text("")
    assert podbook.finished(run["id"])["reason"] == "NotebookRaised"
    pod = podbook.kubectl("get", "nbx", run["id"], "-o", "jsonpath={.status.attempts[-1:].pod}")
    eventually(lambda: pod not in podbook.kubectl("get", "pods"), "the pod is gone")

    assert written().endswith("outside of every cell\n")
    assert podbook.http.get(address, params={"tail": 1}).text == "outside of every cell\n"
    assert podbook.http.get(address, params={"container": "else"}).status_code == 422
    assert (
        podbook.http.get(f"/v1/executions/{run['id']}/artifacts/.pod/1/kernel.txt").status_code
        == 404
    )
    assert ".pod" not in podbook.http.get(f"/v1/executions/{run['id']}").text
    for query, said in (("attempt=7", "it has no attempt 7"), ("container=runner", "not kept")):
        problem = podbook.http.get(f"{address}?{query}")
        if problem.status_code != 200:
            assert (problem.status_code, problem.json()["type"]) == (
                404,
                "urn:podbook:problem:no-log",
            )
            assert said in problem.json()["detail"]


def test_of_a_run_that_succeeded_it_is_said_that_no_log_was_kept(podbook: AnyPodbook) -> None:
    podbook.put("logs/quiet", notebook("1"))
    run = podbook.post("logs/quiet")
    address = f"/v1/executions/{run['id']}/log"

    problem = eventually(
        lambda: found.json() if (found := podbook.http.get(address)).status_code == 404 else None,
        "the pod is gone",
    )

    assert "its log was not kept" in problem["detail"]
