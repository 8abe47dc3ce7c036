"""Lets whoever reads the output of a command leave when they have enough, as `head` does."""

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Pipe(io.FileIO):
    """Takes what nobody reads any more: the command ends as it would have, with its own code."""

    _is_told = False

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return memoryview(data).nbytes
        except OSError:
            # Told once: what is still in the buffers at the end must not change the exit code.
            if self._is_told:
                return memoryview(data).nbytes
            self._is_told = True
            raise


def let_readers_leave() -> None:
    """Put both streams of the process, where they are plain files, above such pipes."""
    sys.stdout = _above_a_pipe(sys.stdout)
    sys.stderr = _above_a_pipe(sys.stderr)


def _above_a_pipe(stream: TextIO) -> TextIO:
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Pipe(descriptor, "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream is sys.stderr or stream.isatty(),
    )
