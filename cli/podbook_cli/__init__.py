"""The command line: `podbook`."""

import signal

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    # Until the commands are there a Ctrl-C has nothing to undo: it ends the process, untraced.
    is_plain = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_plain:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from podbook_cli import app

    if is_plain:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app.main()
