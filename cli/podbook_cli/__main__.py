"""Runs the command line: `python -m podbook_cli`."""

from podbook_cli import main

main()
