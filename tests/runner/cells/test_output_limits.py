"""What cells show is kept within limits, its start and its end, with a marker between."""

from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session
from nbformat import NotebookNode
from nbformat.v4 import new_output

from podbook_runner.cells import output_limits
from podbook_runner.cells.output_limits import CellOutputs, Room
from podbook_runner.cells.stream_text import StreamText
from podbook_runner.kernel import messages
from podbook_runner.kernel.messages import deserialised


def printed(*pieces: str, limit: int = 1000) -> str:
    stream = StreamText(limit)
    for piece in pieces:
        stream.append(piece)
    return stream.text()


def shown(
    outputs: list[NotebookNode], limit: int = output_limits.NOTEBOOK_LIMIT
) -> list[NotebookNode]:
    cell = CellOutputs([], Room(limit))
    for output in outputs:
        cell.add(output)
    cell.finish()
    return cell.outputs


def stdout(text: str) -> NotebookNode:
    return NotebookNode(new_output("stream", name="stdout", text=text))


def stderr(text: str) -> NotebookNode:
    return NotebookNode(new_output("stream", name="stderr", text=text))


def display(**data: Any) -> NotebookNode:
    return NotebookNode(new_output("display_data", data=data))


@given(st.lists(st.text("ab\n"), max_size=20))
def test_text_within_the_limit_stays_as_it_is(pieces: list[str]) -> None:
    assert printed(*pieces) == "".join(pieces)


@given(st.lists(st.text("ab\n", max_size=30), max_size=30), st.integers(2, 40))
def test_beyond_the_limit_the_start_and_the_end_stay(pieces: list[str], limit: int) -> None:
    whole, half = "".join(pieces), limit // 2
    text = printed(*pieces, limit=limit)

    assert text[:half] == whole[:half]
    if text != whole:
        head, _, rest = text.partition("\n… ")
        number, _, tail = rest.partition(" characters were left out here …\n")
        assert whole.startswith(head)
        assert whole.endswith(tail)
        assert len(head) + int(number.replace(",", "")) + len(tail) == len(whole)
        assert len(head) + len(tail) <= limit + half


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        pytest.param(["10%\r", "20%\r", "100%\n"], "100%\n", id="a progress bar"),
        pytest.param(["10%\r20%\r30%"], "30%", id="in one piece"),
        pytest.param(["\r10%", "\r20%"], "20%", id="return first"),
        pytest.param(["10%\r"], "10%", id="nothing after the return yet"),
        pytest.param(["a\r\nb\r\n"], "a\nb\n", id="line ends of Windows"),
        pytest.param(["a\r", "\nb"], "a\nb", id="a line end in two pieces"),
        pytest.param(["first\nold\rnew\nlast"], "first\nnew\nlast", id="only its own line"),
    ],
)
def test_a_carriage_return_takes_its_line_back(pieces: list[str], text: str) -> None:
    assert printed(*pieces) == text


def test_a_progress_bar_of_any_length_leaves_one_line() -> None:
    assert printed(*(f"\r{n}/100000" for n in range(100_000))) == "99999/100000"


def test_prints_in_a_row_are_one_output_for_each_stream() -> None:
    outputs = shown([stdout("a"), stdout("b"), stderr("c"), stdout("d")])

    assert [(o.name, o.text) for o in outputs] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_of_many_outputs_the_first_and_the_last_stay() -> None:
    outputs = shown([display(**{"text/plain": str(n)}) for n in range(10_000)])

    texts = [o.data["text/plain"] if "data" in o else o.text for o in outputs]
    assert len(outputs) <= output_limits.FIRST_OUTPUTS + output_limits.LAST_OUTPUTS + 1
    assert texts[:3] == ["0", "1", "2"]
    assert texts[-1] == "9999"
    left_out = 10_000 - (len(outputs) - 1)
    assert texts[output_limits.FIRST_OUTPUTS] == f"… {left_out:,} outputs were left out here …\n"


def test_a_picture_beyond_the_limit_gives_way_to_a_sentence() -> None:
    (output,) = shown([display(**{"image/png": "x" * 20_000_000})])

    assert output.data == {
        "text/plain": "[Podbook: image/png of 20,000,000 characters was left out;"
        " the limit is 6,291,456]"
    }


def test_a_library_of_charts_that_a_page_brings_along_is_kept() -> None:
    library = "x" * 4_816_025
    (output,) = shown([display(**{"text/html": library})])

    assert output.data["text/html"] == library


def test_a_picture_that_has_a_text_too_keeps_it_and_says_what_is_missing() -> None:
    (output,) = shown([display(**{"image/png": "x" * 20_000_000, "text/plain": "<Figure>"})])

    assert output.data == {
        "text/plain": "<Figure>\n[Podbook: image/png of 20,000,000 characters was left out;"
        " the limit is 6,291,456]"
    }


def test_a_cell_of_many_pictures_keeps_the_first_and_the_last() -> None:
    outputs = shown([display(**{"image/png": str(n) + "x" * 1_000_000}) for n in range(100)])

    assert sum(output_limits.size_of(o) for o in outputs) <= output_limits.CELL_LIMIT + 1_000_000
    assert outputs[0].data["image/png"].startswith("0x")
    assert outputs[-1].data["image/png"].startswith("99x")


def test_a_full_notebook_still_shows_the_error_of_a_cell() -> None:
    error = new_output("error", ename="E", evalue="why", traceback=["line"])

    outputs = shown([stdout("x" * 100_000), error], limit=0)

    assert output_limits.size_of(outputs[0]) <= output_limits.CELL_MINIMUM * 1.5 + 100
    assert outputs[-1] == error


def test_a_long_traceback_keeps_its_ends() -> None:
    lines = ["first", *["x" * 1000] * 1000, "last"]
    (output,) = shown([new_output("error", ename="E", evalue="v" * 500_000, traceback=lines)])

    assert output.traceback[0] == "first"
    assert output.traceback[-1] == "last"
    assert output_limits.size_of(output) < 3 * output_limits.TRACEBACK_LIMIT


def test_cleared_outputs_make_room_again() -> None:
    cell = CellOutputs([], Room())
    for n in range(2000):
        cell.add(display(**{"text/plain": str(n)}))
    cell.clear()
    cell.add(stdout("after"))
    cell.finish()

    assert [output.text for output in cell.outputs] == ["after"]


# As in a pod: no key, for whoever reaches the sockets is in the pod.
SESSION = Session(key=b"")


def received(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    parts = SESSION.serialize(SESSION.msg(kind, content), ident=b"topic")
    message = deserialised(SESSION, [zmq.Frame(part) for part in parts])
    assert message is not None
    taken: dict[str, Any] = message["content"]
    return taken


@given(st.text(st.sampled_from('aé\n"\\\u2028\U0001f600\x00'), min_size=10, max_size=200))
def test_a_print_beyond_the_limit_is_cut_before_it_is_parsed(piece: str) -> None:
    limit, kept = messages.STREAM_LIMIT, messages.KEPT_BYTES
    messages.STREAM_LIMIT, messages.KEPT_BYTES = 2000, 300  # type: ignore[misc]
    try:
        whole = piece * 200
        content = received("stream", {"name": "stderr", "text": whole})
        turned = received("stream", {"text": whole, "name": "stderr"})
    finally:
        messages.STREAM_LIMIT, messages.KEPT_BYTES = limit, kept  # type: ignore[misc]

    for found in (content, turned):
        head, marker, tail = found["text"].partition("\n… ")
        assert (found["name"], marker) == ("stderr", "\n… ")
        assert 50 < len(found["text"]) < 1000
        assert whole.startswith(head)
        assert whole.endswith(tail.partition("here …\n")[2])


def test_a_message_beyond_any_limit_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "STREAM_LIMIT", 100)
    monkeypatch.setattr(messages, "MESSAGE_LIMIT", 1000)

    large = {"data": {"image/png": "x" * 2000}, "metadata": {}, "transient": {}}

    assert "was left out" in received("display_data", large)["data"]["text/plain"]
    assert received("execute_reply", {"status": "ok", "x": "x" * 2000})["status"] == "error"
    assert received("display_data", {"data": {"a": "x" * 500}})["data"] == {"a": "x" * 500}


def test_frames_that_are_no_message_are_left() -> None:
    assert deserialised(SESSION, [zmq.Frame(b"<IDS|MSG>"), zmq.Frame(b"x")]) is None
