"""Removes what has had its time: executions, and kept versions of notebooks."""
