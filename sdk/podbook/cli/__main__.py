"""Runs the command line: `python -m podbook.cli`."""

from podbook.cli import main

main()
