"""What a kernel says of its memory while a cell runs, and what is told of it when it dies."""

import re
from typing import Any

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_runner.kernel.client import Message
from podbook_runner.kernel.memory import Memory
from rig.runner_pod import a_job, ipynb, run
from tests.support.memory import ASKED_TWICE, SAID

_DIES = "import os\nos._exit(1)"
# Takes the question and gives no answer, as the kernels of other languages do.
_IS_ASKED_AND_SILENT = """
import threading

asked = threading.Event()


async def silent(*message):
    asked.set()


get_ipython().kernel.control_handlers["usage_request"] = silent
print("before", flush=True)
print("asked" if asked.wait(60) else "never asked", flush=True)
"""


def test_a_kernel_that_dies_is_told_with_what_it_used_last() -> None:
    result = run(a_job(ipynb(f"{ASKED_TWICE}\n{_DIES}"))).intake.result

    assert result.reason is Reason.KERNEL_DIED
    assert re.fullmatch(f"the kernel died while cell 0 was running; {SAID}", result.message)


def test_a_kernel_that_was_not_asked_yet_dies_without_a_word_of_memory() -> None:
    result = run(a_job(ipynb(_DIES))).intake.result

    assert result.message == "the kernel died while cell 0 was running"


def test_a_kernel_that_never_answers_runs_on() -> None:
    pod = run(a_job(ipynb(_IS_ASKED_AND_SILENT, "print('after')")))

    assert pod.intake.result.reason is Reason.NOTEBOOK_COMPLETED
    assert [cell.outputs[0].text for cell in pod.notebook.cells] == ["before\nasked\n", "after\n"]


class Asked:
    """A memory, the questions that it asked, and a clock."""

    def __init__(self, language: str = "python") -> None:
        self.time = 0.0
        self.questions: list[str] = []
        self.memory = Memory(self._ask, language=language, now=lambda: self.time)

    def _ask(self) -> str:
        self.questions.append(f"question {len(self.questions) + 1}")
        return self.questions[-1]

    def pass_seconds(self, seconds: float) -> int:
        """Look so much later whether it is time; return how often was asked so far."""
        self.time += seconds
        self.memory.ask_if_due()
        return len(self.questions)

    def answer(self, content: dict[str, Any], *, to: str = "") -> None:
        parent = {"msg_id": to or self.questions[-1]}
        body = {"msg_type": "usage_reply", "parent_header": parent, "content": content}
        self.memory.hear(Message("control", body))


def test_a_short_run_is_not_asked() -> None:
    asked = Asked()

    assert asked.pass_seconds(1.9) == 0
    assert asked.memory.sentence() == ""


def test_the_next_question_waits_for_the_answer_and_a_while() -> None:
    asked = Asked()
    assert asked.pass_seconds(2) == 1
    assert asked.pass_seconds(3600) == 1

    asked.time = 2.01
    asked.answer({"kernel_memory": 300 * 2**20})

    assert asked.pass_seconds(1.9) == 1
    assert asked.memory.sentence() == "it used 300Mi of memory when last asked, 2 s before"
    assert asked.pass_seconds(0.1) == 2


def test_a_kernel_that_is_slow_to_answer_is_asked_less_often() -> None:
    asked = Asked()
    asked.pass_seconds(2)
    asked.time += 30
    asked.answer({"kernel_memory": 1})

    assert asked.pass_seconds(9.9) == 1
    assert asked.pass_seconds(0.1) == 2


@pytest.mark.parametrize(
    ("content", "to"),
    [
        pytest.param({"pid": 7}, "", id="a kernel without psutil"),
        pytest.param({"kernel_memory": "much"}, "", id="no number"),
        pytest.param({"kernel_memory": 1}, "another question", id="to somebody else"),
    ],
)
def test_what_is_no_answer_is_not_told(content: dict[str, Any], to: str) -> None:
    asked = Asked()
    asked.pass_seconds(2)

    asked.answer(content, to=to)

    assert asked.memory.sentence() == ""
    assert asked.pass_seconds(3600) == 1


def test_a_kernel_of_another_language_is_not_asked() -> None:
    assert Asked("julia").pass_seconds(3600) == 0
